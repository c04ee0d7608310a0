// Removes the units behind a region of the input, and says what goes with them:
//   node benchmarks/pruning/run.mjs [--experiments conv2,dense1,squeezenet] [--write]
// Prints a Markdown page; --write also stores it, with the curves, in docs/. SqueezeNet needs the shared reference data.
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { prune } from '@pathwise/attribution';
import { explainer, readNpy, tensor } from 'pathwise';
import { pruning } from '@pathwise/viz';
import { markdown } from './page.mjs';

const root = resolve(import.meta.dirname, '../..');
const scenes = resolve(root, 'models/fashion-scenes');
const shared = resolve(root, '../shared/models');
/** The right item of a scene: the right half of [1, 28, 56]. */
const RIGHT = [0, 28, 28, 56];
const ALL = ['region', 'margin', 'conductance', 'gradient-x-activation', 'activation', 'random'];

const experiments = {
  conv2: () => ({
    title: 'Scenes, `conv2` (receptive field 10 of 28 pixels)',
    ...scenesWith('conv2'),
    prune: [0.005, 0.01, 0.02, 0.05].map((share) => ({ share })),
    rankings: ALL,
  }),
  dense1: () => ({
    title: 'Scenes, `dense1` (the last hidden layer)',
    ...scenesWith('dense1'),
    prune: [1, 2, 4, 8].map((count) => ({ count })),
    rankings: ['margin', ...ALL.filter((ranking) => ranking !== 'margin')],
  }),
  squeezenet: () => ({
    title: 'SqueezeNet 1.0 on three photographs, `fire4_concat`, the middle of the picture',
    model: `${shared}/squeezenet-1.0/model.onnx`,
    inputs: {
      input: stacked(['chelsea', 'coffee', 'rocket'].map((name) => npy(`${shared}/photos/${name}.squeezenet-1.0.npy`))),
    },
    target: 'top1',
    layer: 'fire4_concat',
    region: [57, 57, 170, 170],
    prune: [0.01, 0.05].map((share) => ({ share })),
    rankings: ['region', 'conductance', 'random'],
    randomRuns: 1,
  }),
};

const { values: flags } = parseArgs({
  options: { experiments: { type: 'string' }, write: { type: 'boolean', default: false } },
});
const names = flags.experiments?.split(',') ?? Object.keys(experiments);

const results = [];
for (const name of names) {
  const { title, model, ...request } = experiments[name]();
  const explain = await explainer(model, { engine: 'wasm' });
  const started = Date.now();
  const result = await prune(explain.model, {
    ...request,
    onProgress: ({ phase, done, total }) => process.stderr.write(`\r${name}: ${phase} ${done} of ${total}   `),
  });
  explain.dispose();
  const seconds = (Date.now() - started) / 1000;
  process.stderr.write(`in ${seconds.toFixed(0)} s\n`);
  results.push({ name, title, region: request.region, result, seconds });
  if (flags.write) {
    const { svg } = pruning(result, { region: request.region, title: title.replaceAll('`', '') });
    writeFileSync(resolve(root, `docs/images/pruning-${name}.svg`), svg);
  }
}
const page = markdown(results);
console.log(page);
if (flags.write) writeFileSync(resolve(root, 'docs/generated/pruning.md'), page);

function scenesWith(layer) {
  const target = { perRow: JSON.parse(readFileSync(`${scenes}/scenes.json`, 'utf8')).map(sumOf) };
  return {
    model: `${scenes}/model.onnx`,
    inputs: { image: npy(`${scenes}/scenes.npy`) },
    target,
    layer,
    region: RIGHT,
  };
}

/** What speaks for both items of a scene: the sum of their classes' logits. Each half of the picture then holds a part of it. */
function sumOf(classes) {
  return (output) => ({
    value: classes.reduce((sum, k) => sum + output[k], 0),
    gradient: Array.from(output, (_, k) => Number(classes.includes(k))),
  });
}

function npy(path) {
  return readNpy(new Uint8Array(readFileSync(path)), path);
}

function stacked(rows) {
  const shape = [rows.length, ...rows[0].shape.slice(1)];
  return tensor('float32', shape, Float32Array.from(rows.flatMap(({ data }) => [...data])));
}
