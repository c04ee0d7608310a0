// Kernels of convolution by layer shape, as a share of what the registers alone can do in the same process:
//   node benchmarks/wasm/kernels.mjs [--rounds 7] [--layers TEXT] [--json FILE] [--core FILE]
// Direct kernels are counted without the taps that fall into padding; of Winograd's algorithm the operations of the direct
// sum count, padding too ("effective"). Times are CPU times. Every sample is divided by the peak measured
// right before and after it; the table has the median of the shares, and the shortest time by the highest peak. --core takes another build of the core, e.g. to compare two.
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { drawFrom, LoadedPlan, median, peakMeter } from './core.mjs';
import { layers, operationsOf, plansOf } from './layers.mjs';

const { values: flags } = parseArgs({
  options: {
    rounds: { type: 'string', default: '7' },
    layers: { type: 'string', default: '' },
    json: { type: 'string' },
    core: { type: 'string', default: resolve(import.meta.dirname, '../../packages/wasm/wasm/core.wasm') },
  },
});
const rounds = Number(flags.rounds);
const module = new WebAssembly.Module(readFileSync(flags.core));
const STEPS = { 5: 'direct', 6: 'depthwise', 7: 'max pool', 8: 'max pool', 11: 'winograd' };
const POOL_GRADIENT = 8;
/** A sample lasts at least so long. */
const SAMPLE_MS = 15;

const peak = await peakMeter();
const rows = [];
for (const layer of layers.filter(({ name }) => name.includes(flags.layers))) {
  const plans = plansOf(layer, drawFrom(7));
  const [forward, gradient] = ['forward', 'gradient'].map((pass) => sampler(plans[pass], pass, layer));
  const samples = { forward: [], gradient: [] };
  for (let round = 0; round < rounds; round++) {
    samples.forward.push(relative(forward));
    samples.gradient.push(relative(gradient));
  }
  rows.push(rowOf(layer, forward.kernel, samples));
  console.error(rows.at(-1).name);
}
const facts = { cpu: cpus()[0]?.model, node: process.versions.node, peak: median(rows.map((row) => row.peak)), rounds };
if (flags.json !== undefined) writeFileSync(flags.json, `${JSON.stringify({ ...facts, rows }, null, 2)}\n`);
print();

/** Milliseconds of the kernels of one pass, without copies around them. */
function sampler(bytes, pass, layer) {
  const plan = new LoadedPlan(module, bytes);
  const draw = drawFrom(11);
  plan.fill(draw);
  const wanted = (op) => op in STEPS && (layer.kind !== 'pool' || pass === 'forward' || op === POOL_GRADIENT);
  const steps = plan.steps.map((_, i) => i).filter((i) => wanted(plan.steps[i].op));
  const run = () => steps.reduce((sum, i) => sum + plan.runStep(i), 0);
  run();
  const turns = Math.max(1, Math.ceil(SAMPLE_MS / run()));
  const measure = () => {
    plan.run();
    let sum = 0;
    for (let i = 0; i < turns; i++) sum += run();
    return sum / turns;
  };
  return { measure, kernel: STEPS[plan.steps[steps[0]].op] };
}

function relative({ measure }) {
  const before = peak();
  const ms = measure();
  return { ms, peak: (before + peak()) / 2 };
}

function rowOf(layer, kernel, samples) {
  const { real, all } = operationsOf(layer);
  const operations = kernel === 'winograd' ? all : real;
  const summary = (list) => ({
    ms: median(list.map(({ ms }) => ms)),
    gflops: median(list.map(({ ms }) => operations / ms / 1e6)),
    share: median(list.map(({ ms, peak: most }) => operations / ms / 1e6 / most)),
    best: operations / Math.min(...list.map(({ ms }) => ms)) / 1e6 / Math.max(...list.map((sample) => sample.peak)),
  });
  const peaks = [...samples.forward, ...samples.gradient].map((sample) => sample.peak);
  return {
    name: layer.name,
    kernel,
    peak: median(peaks),
    forward: summary(samples.forward),
    gradient: summary(samples.gradient),
  };
}

function print() {
  const cell = ({ ms, gflops, share, best }) =>
    `${ms.toFixed(2)} ms, ${gflops.toFixed(1)}, ${share.toFixed(2)}, ${best.toFixed(2)}`;
  console.log(`${facts.cpu}, Node ${facts.node}, peak ${facts.peak.toFixed(1)} GFLOP/s, median of ${rounds}, 8 rows`);
  console.log('\n| layer | kernel | forward: time, GFLOP/s, share of the peak (median, best) | gradient |');
  console.log('| --- | --- | --- | --- |');
  for (const row of rows) console.log(`| ${row.name} | ${row.kernel} | ${cell(row.forward)} | ${cell(row.gradient)} |`);
}
