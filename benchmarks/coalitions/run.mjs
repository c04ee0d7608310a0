// Exact Shapley values over groups of an image, by `shapley` on the wasm engine and by a plain loop over all predictions in
// onnxruntime-web (wasm, one thread), in one process:
//   (cd benchmarks/coalitions && npm install)
//   node benchmarks/coalitions/run.mjs [--groups 12] [--parts 4] [--model ../shared/models/squeezenet-1.0/model.onnx]
// Prints processor seconds of each, which other work on the machine changes less than the clock, and both times' ratio; the
// loop runs in parts between which the shapley call stands, so that neither has the quieter machine.
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { explainer } from 'pathwise';

const root = resolve(import.meta.dirname, '../..');
const { values: flags } = parseArgs({
  options: {
    groups: { type: 'string', default: '12' },
    parts: { type: 'string', default: '4' },
    model: { type: 'string', default: resolve(root, '../shared/models/squeezenet-1.0/model.onnx') },
    side: { type: 'string', default: '227' },
  },
});
const groups = Number(flags.groups);
const side = Number(flags.side);
const size = 3 * side * side;
if (!existsSync(flags.model)) {
  console.error(`no model ${flags.model}: name another with --model (one image input, channels first)`);
  process.exit(1);
}

/** Bands of rows, each cut into as many columns as divide the groups most evenly. */
const columns = [4, 3, 2, 1].find((n) => groups % n === 0);
const groupOf = Int32Array.from({ length: side * side }, (_, pixel) => {
  const [row, column] = [Math.floor(pixel / side), pixel % side];
  return Math.floor((row * (groups / columns)) / side) * columns + Math.floor((column * columns) / side);
});
/** Smooth, and as bright as the photographs the network knows. */
const image = Float32Array.from({ length: size }, (_, i) => {
  const [row, column] = [Math.floor(i / side) % side, i % side];
  return 120 * Math.sin((row * (1 + (i % 3))) / 17) * Math.cos(column / 23);
});

async function onnxruntime() {
  const require = createRequire(resolve(import.meta.dirname, 'package.json'));
  const folder = dirname(require.resolve('onnxruntime-web'));
  const ort = await import(pathToFileURL(resolve(folder, 'ort.wasm.min.mjs')).href);
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.wasmPaths = `${pathToFileURL(folder).href}/`;
  const session = await ort.InferenceSession.create(readFileSync(flags.model), { executionProviders: ['wasm'] });
  return async (data) => {
    const feeds = { [session.inputNames[0]]: new ort.Tensor('float32', data, [1, 3, side, side]) };
    return (await session.run(feeds))[session.outputNames[0]].data;
  };
}

const predict = await onnxruntime();
const explain = await explainer(flags.model, { engine: 'wasm' });
const inputs = { [explain.inputs[0].name]: { dtype: 'float32', shape: [1, 3, side, side], data: image } };
const logits = await predict(image);
const target = logits.indexOf(Math.max(...logits));
const featureMask = { dtype: 'int32', shape: [side, side], data: groupOf };

const cost = { loop: [0, 0], shapley: [0, 0] };
async function timed(name, work) {
  const [clock, before] = [performance.now(), process.cpuUsage()];
  const result = await work();
  const { user, system } = process.cpuUsage(before);
  cost[name][0] += (user + system) / 1e6;
  cost[name][1] += (performance.now() - clock) / 1e3;
  return result;
}

const v = new Float64Array(2 ** groups);
/** The plain loop: the image with absent groups at 0, one prediction a coalition. */
async function loop(from, to) {
  for (let mask = from; mask < to; mask++) {
    const mixed = image.map((value, i) => ((mask >>> groupOf[i % groupOf.length]) & 1 ? value : 0));
    v[mask] = (await predict(mixed))[target];
  }
}

const parts = Number(flags.parts);
const bounds = Array.from({ length: parts + 1 }, (_, k) => Math.round((k * v.length) / parts));
for (let k = 0; k < parts / 2; k++) await timed('loop', () => loop(bounds[k], bounds[k + 1]));
const result = await timed('shapley', () =>
  explain(inputs, { method: 'shapley', target, featureMask, params: { maxPlayers: 24 } }),
);
for (let k = Math.ceil(parts / 2); k < parts; k++) await timed('loop', () => loop(bounds[k], bounds[k + 1]));

const factorial = (n) => (n <= 1 ? 1 : n * factorial(n - 1));
const phi = Array.from({ length: groups }, (_, i) =>
  v.reduce((sum, value, mask) => {
    if ((mask >>> i) & 1) return sum;
    const present = mask.toString(2).replaceAll('0', '').length;
    const weight = (factorial(present) * factorial(groups - present - 1)) / factorial(groups);
    return sum + weight * (v[mask | (1 << i)] - value);
  }, 0),
);
const largest = Math.max(...phi.map(Math.abs));
const off = Math.max(...phi.map((value, i) => Math.abs(value - result.perPlayer[0][i]))) / largest;

console.log(
  `${cpus()[0]?.model}, Node ${process.versions.node}, ${groups} groups: ${v.length} predictions, one thread\n`,
);
console.log('| | processor, s | clock, s | predictions |\n| --- | --- | --- | --- |');
console.log(`| onnxruntime-web, plain loop | ${cost.loop.map((s) => s.toFixed(1)).join(' | ')} | ${v.length} |`);
console.log(
  `| shapley on the wasm engine | ${cost.shapley.map((s) => s.toFixed(1)).join(' | ')} | ${result.evaluations.forward} |`,
);
const [processor, clock] = [0, 1].map((k) => (cost.shapley[k] / cost.loop[k]).toFixed(2));
console.log(
  `\nratio ${processor} (processor), ${clock} (clock); largest difference ${off.toExponential(1)} of the largest value`,
);
