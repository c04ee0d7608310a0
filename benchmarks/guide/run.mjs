// Explains one image by fourteen methods and checks their axioms on the model (after `pnpm build`):
//   node benchmarks/guide/run.mjs [--write]
// Prints the tables as Markdown; --write stores them, and the picture, in docs/.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { methodGrid } from '@pathwise/viz';
import { explainer, readNpy, tensor } from 'pathwise';
import { markdown } from './page.mjs';

const root = resolve(import.meta.dirname, '../..');
const file = (name) => resolve(root, 'models/fashion-mnist', name);
const { values: flags } = parseArgs({ options: { write: { type: 'boolean', default: false } } });

/** Row of the sandal in images.npy; the other rows are the set of baselines. */
const SANDAL = 4;
const images = readNpy(new Uint8Array(readFileSync(file('images.npy'))), 'images.npy');
const size = 28 * 28;
const others = Float32Array.from(images.data.filter((_, i) => Math.floor(i / size) !== SANDAL));
const baseline = { set: tensor('float32', [images.shape[0] - 1, 1, 28, 28], others) };

/** Groups of 7 columns by 10 rows (the last 8): twelve players for the exact Shapley value. */
const groups = tensor(
  'int32',
  [1, 28, 28],
  Int32Array.from({ length: size }, (_, i) => Math.floor(i / 28 / 10) * 4 + Math.floor((i % 28) / 7)),
);

const requests = {
  'input-x-gradient': {},
  occlusion: {},
  'occlusion-patch': { params: { window: [7], strides: [1] } },
  'prediction-difference': { baseline, params: { window: [3] } },
  'grad-cam': { layer: 'inception2' },
  'integrated-gradients': { tolerance: 0.02 },
  'expected-gradients': { baseline },
  shapley: { featureMask: groups },
  'lrp-epsilon': {},
  'lrp-alpha-beta': {},
  'deep-taylor': {},
  'deeplift-rescale': {},
  'deeplift-reveal-cancel': {},
  deepshap: { baseline },
};

const explain = await explainer(file('model.onnx'), {
  engine: 'wasm',
  preprocess: JSON.parse(readFileSync(file('preprocess.json'), 'utf8')),
  labels: readFileSync(file('labels.txt'), 'utf8').trim().split('\n'),
});
const results = [];
for (const [method, request] of Object.entries(requests)) {
  process.stderr.write(`${method}\n`);
  results.push({
    result: await explain(file('images/sandal.png'), { ...request, method, target: 5, seed: 0 }),
    axioms: certificate(method),
  });
}
process.stderr.write('taylor-allocation\n');
const measured = Object.keys(requests).filter((id) => id !== 'grad-cam'); // its map is of a layer
const { allocation } = await explain(file('images/sandal.png'), {
  method: 'taylor-allocation',
  target: 5,
  seed: 0,
  featureMask: groups,
  params: { methods: measured, order: 2 },
});
const { svg } = methodGrid(
  results.map(({ result }) => result),
  { columns: 3, labels: explain.labels, title: 'Sandal, by fourteen methods' },
);
explain.dispose();

const page = markdown(results, allocation[0]);
console.log(page);
if (flags.write) {
  writeFileSync(resolve(root, 'docs/images/fourteen-methods.svg'), svg);
  writeFileSync(resolve(root, 'docs/generated/fourteen-methods.md'), page);
}

/** The axioms that `pathwise check --quick` finds held or violated; [] where it cannot say. */
function certificate(method) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [
      resolve(root, 'packages/pathwise/bin/pathwise.js'),
      'check',
      file('model.onnx'),
      `--input=${file('images/sandal.png')}`,
      `--preprocess=${file('preprocess.json')}`,
      '--target=5',
      `--method=${method}`,
      '--engine=wasm',
      '--quick',
      '--json',
      ...checkFlags(method),
    ],
    { encoding: 'utf8' },
  );
  // 5: an axiom that is claimed could not be checked; the table says which.
  if (![0, 1, 5].includes(status)) {
    process.stderr.write(`${method}: not checked: ${stderr.trim()}\n`);
    return [];
  }
  return JSON.parse(stdout).certificates[0].axioms;
}

/** What a method needs for its check. */
function checkFlags(method) {
  if (method === 'shapley') {
    const mask = resolve(mkdtempSync(resolve(tmpdir(), 'guide-')), 'groups.json');
    writeFileSync(mask, JSON.stringify([...groups.data]));
    return [`--feature-mask=${mask}`];
  }
  if (method === 'occlusion-patch') return ['--param', 'window=7', '--param', 'strides=7'];
  if (['expected-gradients', 'deepshap', 'prediction-difference'].includes(method)) {
    return ['--baseline', `set:${file('images.npy')}`];
  }
  return [];
}
