// Where the time of a whole network's gradient goes, step by step, for one tile of eight rows:
//   node benchmarks/wasm/profile.mjs [--networks squeezenet-1.0,mobilenet-v2] [--rounds 7] [--slowest N] [--relaxed] [--whole]
// With --whole, blocks around depthwise convolutions run step by step, not over bands of rows.
// The gradient by the end of the affine prefix, as path methods evaluate it. CPU time, medians. Rows are drawn
// independently: they have fewer zeros in common, which products leave out, than neighbouring points of a path.
import { parseArgs } from 'node:util';
import { compile } from '@pathwise/wasm';
import { coreModule, drawFrom, LoadedPlan, median } from './core.mjs';
import { networks } from '../networks/all.mjs';
import { gradientGraphOf } from './networks.mjs';

const { values: flags } = parseArgs({
  options: {
    networks: { type: 'string', default: 'squeezenet-1.0,mobilenet-v2' },
    rounds: { type: 'string', default: '7' },
    relaxed: { type: 'boolean', default: false },
    whole: { type: 'boolean', default: false },
    slowest: { type: 'string', default: '0' },
  },
});
const rounds = Number(flags.rounds);
const { relaxed } = flags;
const module = coreModule({ relaxed });
/** Op codes of native/plan.c. */
const NAMES = [
  '',
  'map',
  'reduce',
  'scan',
  'matmul',
  'product',
  'depthwise',
  'max pool',
  'max pool gradient',
  'gather',
  'scatter',
  'winograd',
  'sign bits',
  'bit gate',
  'filter',
  'top k',
  'band',
];

for (const name of flags.networks.split(',')) {
  const network = networks[name]?.() ?? null;
  if (network === null) console.error(`skipped: ${name} (no network of that name)`);
  else profile(name, compile(await gradientGraphOf(network), { wideBlocks: relaxed, bands: !flags.whole }));
}

function profile(name, { bytes, arenaBytes }) {
  const plan = new LoadedPlan(module, bytes);
  plan.fill(drawFrom(5));
  const times = plan.steps.map(() => []);
  const whole = [];
  for (let round = 0; round < rounds; round++) {
    whole.push(plan.run());
    plan.feed();
    for (const [i, list] of times.entries()) list.push(plan.runStep(i));
  }
  const ms = times.map(median);
  const kinds = new Map();
  for (const [i, { op }] of plan.steps.entries()) {
    const kind = NAMES[op] ?? `step ${op}`;
    const { count, sum } = kinds.get(kind) ?? { count: 0, sum: 0 };
    kinds.set(kind, { count: count + 1, sum: sum + ms[i] });
  }
  const total = ms.reduce((a, b) => a + b, 0);
  const size = (value) => `${(value / 2 ** 20).toFixed(1)} MiB`;
  console.log(
    `${name}: ${median(whole).toFixed(1)} ms a tile, plan ${size(bytes.length)}, arena ${size(arenaBytes)}\n`,
  );
  console.log('| kind | steps | ms | share |\n| --- | --- | --- | --- |');
  for (const [kind, { count, sum }] of [...kinds].sort(([, a], [, b]) => b.sum - a.sum))
    console.log(`| ${kind} | ${count} | ${sum.toFixed(2)} | ${((100 * sum) / total).toFixed(1)} % |`);
  const slowest = ms
    .map((value, i) => [value, i])
    .sort(([a], [b]) => b - a)
    .slice(0, Number(flags.slowest));
  for (const [value, i] of slowest)
    console.log(
      `${value.toFixed(2)} ms  step ${i} ${NAMES[plan.steps[i].op]} ${plan.steps[i].words.slice(0, 30).join(' ')}`,
    );
  console.log('');
}
