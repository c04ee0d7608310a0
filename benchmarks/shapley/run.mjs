// How near gradients along paths come to exact Shapley values, in proportion (after `pnpm build`):
//   node benchmarks/shapley/run.mjs [--write]
// Prints a Markdown page; --write stores it in docs/generated/shapley-comparison.md.
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { attribute } from '@pathwise/attribution';
import { float64, randomUniform, streams, toFloat64 } from '@pathwise/model';
import { graphModel, referenceEngine } from '@pathwise/ops';
import { explainer } from 'pathwise';
import { mlp } from '../networks/mlp.mjs';
import { gridWorld, REWARDS } from './grid-world.mjs';
import { markdown } from './page.mjs';

const root = resolve(import.meta.dirname, '../..');
const { values: flags } = parseArgs({ options: { write: { type: 'boolean', default: false } } });

/** Cases of a kind. */
const CASES = 20;
/** Baselines of expected gradients. */
const BASELINES = 8;
const uniform = (count, sample, low, high) =>
  Array.from(
    { length: count },
    (_, element) => low + (high - low) * randomUniform(1, streams.uniform, { sample, element }),
  );

const forms = ['set-mean', 'conditional', 'marginal'];
const methods = [
  ['integrated-gradients', 'integrated-gradients', () => ({ steps: 64 })],
  ['expected-gradients', 'expected-gradients', (baselines) => ({ baseline: baselines, seed: 0 })],
  ...forms.map((contribution) => [
    `SIG, ${contribution}`,
    'shapley-integrated-gradients',
    () => ({ seed: 0, params: { contribution }, ...(contribution === 'marginal' ? {} : { steps: 32 }) }),
  ]),
];

const kinds = [
  ...[1, 0.25, 0.05].map((tau) => ({ name: `grid world, τ = ${tau}`, cases: gridCases(tau) })),
  { name: 'random ReLU networks, 6 inputs', cases: networkCases() },
  { name: 'penguins, 9 inputs', cases: await penguinCases() },
];
const results = [];
for (const { name, cases } of kinds) {
  process.stderr.write(`${name}\n`);
  const found = methods.map(() => []);
  for (const { explain, baselines } of cases) {
    const shapley = await explain('shapley', {});
    for (const [k, [, id, request]] of methods.entries()) {
      found[k].push(compare(await explain(id, request(baselines)), shapley));
    }
  }
  results.push({ name, count: cases.length, rows: found });
}
const page = markdown(
  results,
  methods.map(([name]) => name),
);
console.log(page);
if (flags.write) writeFileSync(resolve(root, 'docs/generated/shapley-comparison.md'), page);

function gridCases(tau) {
  const model = graphModel(gridWorld(tau), referenceEngine);
  return casesOf(() => model, REWARDS.length, 0, 1);
}

function networkCases() {
  return casesOf((i) => graphModel(mlp({ sizes: [6, 16, 16, 1], seed: 100 + i }), referenceEngine), 6, -1, 1);
}

/** Random inputs, and a set of baselines of the same kind. */
function casesOf(modelOf, size, low, high) {
  const data = Array.from({ length: BASELINES }, (_, k) => uniform(size, 1000 + k, low, high)).flat();
  const baselines = { set: float64([BASELINES, size], data) };
  return Array.from({ length: CASES }, (_, i) => {
    const model = modelOf(i);
    const inputs = { x: float64([1, size], uniform(size, i, low, high)) };
    return {
      baselines,
      explain: async (method, request) => vectorOf(await attribute(model, method, { inputs, target: 0, ...request })),
    };
  });
}

/** Each of the sample penguins, its top class; the other samples are the set of baselines. */
async function penguinCases() {
  const file = (name) => resolve(root, 'models/penguins', name);
  const explain = await explainer(file('model.onnx'), { engine: 'reference' });
  const [, ...lines] = readFileSync(file('rows.csv'), 'utf8').trim().split('\n');
  const rows = lines.map((line) => line.split(',').map(Number));
  return rows.map((row, i) => {
    const others = rows.filter((_, k) => k !== i);
    return {
      baselines: { set: float64([others.length, row.length], others.flat()) },
      explain: async (method, request) =>
        vectorOf(await explain(float64([1, row.length], row), { method, target: 'top1', ...request })),
    };
  });
}

function vectorOf({ attributions }) {
  return toFloat64(Object.values(attributions)[0].data);
}

/** The cosine with the Shapley values, and the mean difference of the shares of the sum. */
function compare(own, shapley) {
  const dot = (a, b) => a.reduce((sum, v, i) => sum + v * b[i], 0);
  const sum = (a) => a.reduce((total, v) => total + v, 0);
  const shares = own.map((v, i) => Math.abs(v / sum(own) - shapley[i] / sum(shapley)));
  return {
    cosine: dot(own, shapley) / Math.sqrt(dot(own, own) * dot(shapley, shapley)),
    shareError: sum(shares) / own.length,
  };
}
