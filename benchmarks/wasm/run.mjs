// Integrated gradients by the wasm engine and the reference engine, side by side in one process:
//   node benchmarks/wasm/run.mjs [--points 50] [--rounds 3] [--networks fashion-mnist,squeezenet-1.0]
// Prints the median and the range of the seconds of each, their ratio and the largest difference of the attributions.
// The reference engine is given one round where that takes longer than ten seconds.
import { existsSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { attribute } from '@pathwise/attribution';
import { readOnnx } from '@pathwise/onnx';
import { graphModel, referenceEngine } from '@pathwise/ops';
import { wasmEngine } from '@pathwise/wasm';

const { values: flags } = parseArgs({
  options: {
    points: { type: 'string', default: '50' },
    rounds: { type: 'string', default: '3' },
    networks: { type: 'string', default: 'fashion-mnist,squeezenet-1.0,mobilenet-v2' },
  },
});
const points = Number(flags.points);
const rounds = Number(flags.rounds);
const root = resolve(import.meta.dirname, '../..');
const LONG_SECONDS = 10;

/** Models state the reference engine's memory a row; with less than this a tile would have one row. */
const MAX_BYTES = 2 ** 33;

/** Inputs in the range that the network was trained on, so that activations do not all lie near their bias. */
const AMPLITUDE = { 'squeezenet-1.0': 120 };

console.log(`${cpus()[0]?.model}, Node ${process.versions.node}, ${points} points, one thread\n`);
console.log('| network | wasm, s | reference, s | ratio | largest difference |\n| --- | --- | --- | --- | --- |');
for (const name of flags.networks.split(',')) {
  const path = [`models/${name}`, `../shared/models/${name}`]
    .map((folder) => resolve(root, folder, 'model.onnx'))
    .find((file) => existsSync(file));
  if (path === undefined) {
    console.error(`skipped: ${name} (no model of that name)`);
    continue;
  }
  console.log(await row(name, readOnnx(readFileSync(path), { name })));
}

async function row(name, source) {
  const [input] = source.inputs;
  const shape = input.shape.map((size, axis) => (axis === 0 ? 1 : size));
  const inputs = {
    [input.name]: {
      dtype: 'float32',
      shape,
      data: Float32Array.from(
        { length: shape.reduce((a, d) => a * d, 1) },
        (_, i) => (AMPLITUDE[name] ?? 1) * Math.sin(0.7 * i + (i % 13)),
      ),
    },
  };
  const models = { wasm: graphModel(source, wasmEngine), reference: graphModel(source, referenceEngine) };
  const seconds = { wasm: [], reference: [] };
  const results = {};
  const run = async (id) => {
    const started = performance.now();
    results[id] = await attribute(models[id], 'integrated-gradients', {
      inputs,
      baseline: 'zeros',
      target: 0,
      steps: points,
      quadrature: 'midpoint',
      maxBytes: MAX_BYTES,
    });
    return (performance.now() - started) / 1000;
  };
  for (let round = 0; round < rounds; round++) {
    for (const id of ['wasm', 'reference']) {
      if (id === 'reference' && seconds.reference[0] > LONG_SECONDS) continue;
      seconds[id].push(await run(id));
    }
  }
  const [ours, theirs] = ['wasm', 'reference'].map((id) => seconds[id].sort((a, b) => a - b));
  const show = (times) => `${median(times).toFixed(3)} (${times[0].toFixed(3)}–${times.at(-1).toFixed(3)})`;
  const ratio = (median(ours) / median(theirs)).toFixed(4);
  return `| ${name} | ${show(ours)} | ${show(theirs)} | ${ratio} | ${difference(results.wasm, results.reference, input.name).toExponential(1)} |`;
}

function median(sorted) {
  return sorted[Math.floor(sorted.length / 2)];
}

/** Largest difference of two attributions, relative to the largest attribution. */
function difference(a, b, name) {
  const [x, y] = [a, b].map((result) => result.attributions[name].data);
  const largest = y.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return y.reduce((most, value, i) => Math.max(most, Math.abs(value - x[i])), 0) / largest;
}
