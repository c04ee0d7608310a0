// The explained inputs: one case is one row of a network with its baseline.
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { explainer, readNpy } from 'pathwise';

const root = resolve(import.meta.dirname, '../..');
const npy = (file) => readNpy(readFileSync(file), file);
const rows = (t) => t.shape[0];
const row = (t, r) => {
  const size = t.data.length / rows(t);
  return { ...t, shape: [1, ...t.shape.slice(1)], data: t.data.slice(r * size, (r + 1) * size) };
};

/** Yields { network, features, cases: [{ name, explain, input, baseline, target, constants }] }. */
export async function* networks() {
  yield await fashionMnist();
  yield await penguins();
  const goldens = join(root, '../shared/goldens');
  if (!existsSync(goldens)) {
    console.error(`skipped: reference networks (no folder ${goldens})`);
    return;
  }
  for (const name of [
    'breast-cancer-mlp',
    'digits-cnn',
    'mini-resnet',
    'mini-googlenet',
    'lstm-text',
    'transformer-text',
  ])
    yield await golden(name, join(goldens, name));
}

async function fashionMnist() {
  const folder = join(root, 'models/fashion-mnist');
  const explain = await explainer(join(folder, 'model.onnx'), { engine: 'reference' });
  const images = npy(join(folder, 'images.npy'));
  const cases = [];
  for (let r = 0; r < rows(images); r++) {
    for (const baseline of ['zeros', 'blur:3', 'max-distance']) {
      cases.push({
        name: `image ${r}, ${baseline}`,
        explain,
        input: row(images, r),
        baseline,
        target: 'top1',
        ranges: { image: [0, 1] },
      });
    }
  }
  return { network: 'fashion-mnist', features: 784, cases };
}

async function penguins() {
  const folder = join(root, 'models/penguins');
  const explain = await explainer(join(folder, 'model.onnx'), { engine: 'reference' });
  const prepared = await explain.prepare(join(folder, 'rows.csv'));
  const table = prepared.feeds.features;
  const cases = [];
  for (let r = 0; r < rows(table); r++) {
    for (let other = 0; other < rows(table); other++) {
      if (other === r || (other - r + rows(table)) % rows(table) > 3) continue;
      cases.push({
        name: `row ${r} from row ${other}`,
        explain,
        input: row(table, r),
        baseline: row(table, other),
        target: 'top1',
      });
    }
  }
  return { network: 'penguins', features: table.data.length / rows(table), cases };
}

async function golden(name, folder) {
  const { target, attributeAt, model } = JSON.parse(readFileSync(join(folder, 'cases.json'), 'utf8'));
  const explain = await explainer(join(folder, model), { engine: 'reference' });
  const x = npy(join(folder, attributeAt ? 'ids.npy' : 'x.npy'));
  const baseline = npy(join(folder, attributeAt ? 'embedding_baseline.npy' : 'baseline.npy'));
  const cases = Array.from({ length: rows(x) }, (_, r) => ({
    name: `row ${r}`,
    explain,
    input: row(x, r),
    baseline: row(baseline, r % rows(baseline)),
    target: target[r],
  }));
  return { network: name, features: baseline.data.length / rows(baseline), cases };
}
