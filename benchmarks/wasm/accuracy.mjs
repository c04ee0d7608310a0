// How far outputs and input gradients of whole networks in float32 are from the float64 reference engine:
//   node benchmarks/wasm/accuracy.mjs [--inputs 3] [--networks a,b] [--write]
// Prints a Markdown table; --write also stores it in docs/generated/wasm-accuracy.md. The relaxed core is measured where
// the host has relaxed SIMD (Node 22 and newer); the page wants both.
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { isFloat, sizeOf } from '@pathwise/model';
import { readOnnx } from '@pathwise/onnx';
import { graphModel, referenceEngine, withActivationPattern } from '@pathwise/ops';
import { createWasmEngine, loadRelaxedCore, wasmEngine } from '@pathwise/wasm';
import { networks } from '../networks/all.mjs';
import { drawFrom } from './core.mjs';

const { values: flags } = parseArgs({
  options: {
    inputs: { type: 'string', default: '3' },
    networks: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
});
const inputs = Number(flags.inputs);
const only = flags.networks?.split(',');
const root = resolve(import.meta.dirname, '../..');

/** Folders of models, and the networks that the benchmarks build. */
const FOLDERS = ['models', '../shared/goldens', '../shared/models'];
const BUILT = ['googlenet', 'resnet-18'];

/** Inputs in the range that the network was trained on. */
const AMPLITUDE = { 'squeezenet-1.0': 120 };

/** Length of sequences where the model leaves it open. */
const LENGTH = 12;

const relaxed = await loadRelaxedCore().then(
  () => true,
  () => false,
);
const engines = relaxed ? [wasmEngine, createWasmEngine({ relaxed: true })] : [wasmEngine];

const rows = [];
for (const [name, source] of sources()) {
  if (only !== undefined && !only.includes(name)) continue;
  rows.push(await measure(name, source));
  console.error(name);
}
const page = markdown();
console.log(page);
if (flags.write) writeFileSync(resolve(root, 'docs/generated/wasm-accuracy.md'), page);

function sources() {
  const files = FOLDERS.flatMap((folder) => {
    const path = resolve(root, folder);
    if (!existsSync(path)) console.error(`skipped: no folder ${path}`);
    return existsSync(path) ? readdirSync(path).map((name) => [name, resolve(path, name, 'model.onnx')]) : [];
  });
  return [
    ...files
      .filter(([, path]) => existsSync(path))
      .map(([name, path]) => [name, readOnnx(readFileSync(path), { name })]),
    ...BUILT.map((name) => [name, networks[name]()]),
  ];
}

/**
 * Per engine, for each input: the error of the output and of the gradient of its first element, how many units decide
 * otherwise than in float64, and the error of the gradient when the reference decides as the engine does.
 */
async function measure(name, source) {
  const reference = graphModel(source, referenceEngine);
  const models = engines.map((engine) => graphModel(source, engine));
  const output = reference.outputs[0].name;
  const wrt = reference.inputs.flatMap(({ attributedAt }) => attributedAt ?? []);
  const errors = engines.map(() => ({ output: [], gradient: [], pattern: [], flips: 0, units: 0 }));
  for (let seed = 1; seed <= inputs; seed++) {
    const feeds = feedsOf(name, reference.inputs, drawFrom(seed));
    const { graph, deciding } = withActivationPattern(graphOf(source, feeds));
    const patterned = graphModel(graph, referenceEngine);
    const expected = await evaluate(reference, feeds, output, wrt, [...deciding.keys()]);
    for (const [i, model] of models.entries()) {
      const actual = await evaluate(model, feeds, output, wrt, [...deciding.keys()]);
      const pattern = Object.fromEntries([...deciding].map(([tensor, input]) => [input, actual.tensors[tensor]]));
      const same = await evaluate(patterned, { ...feeds, ...pattern }, output, wrt, []);
      errors[i].output.push(distance([actual.output], [expected.output]));
      errors[i].gradient.push(distance(actual.gradients, expected.gradients));
      errors[i].pattern.push(distance(actual.gradients, same.gradients));
      for (const tensor of deciding.keys()) {
        errors[i].flips += signsThatDiffer(actual.tensors[tensor].data, expected.tensors[tensor].data);
        errors[i].units += expected.tensors[tensor].data.length;
      }
    }
  }
  for (const model of [reference, ...models]) model.dispose?.();
  return { name, errors };
}

function graphOf(source, feeds) {
  if (source.nodes !== undefined) return source;
  return source.graph(Object.fromEntries(Object.entries(feeds).map(([name, { shape }]) => [name, shape])));
}

function signsThatDiffer(a, b) {
  let count = 0;
  for (let i = 0; i < b.length; i++) if (a[i] > 0 !== b[i] > 0) count++;
  return count;
}

function feedsOf(name, ports, draw) {
  const tensors = ports.map((port) => {
    const shape = port.shape.map((size, axis) => (typeof size === 'number' ? size : axis === 0 ? 1 : LENGTH));
    return [port.name, drawn(port.dtype, shape, draw, AMPLITUDE[name] ?? 1)];
  });
  return Object.fromEntries(tensors);
}

/** Numbers from [-amplitude, amplitude), or the first few token ids. */
function drawn(dtype, shape, draw, amplitude) {
  const size = sizeOf(shape);
  if (isFloat(dtype)) return { dtype, shape, data: Float32Array.from({ length: size }, () => amplitude * draw()) };
  const ids = Array.from({ length: size }, () => Math.floor(2.5 * (draw() + 1)));
  return { dtype, shape, data: dtype === 'int64' ? BigInt64Array.from(ids, BigInt) : Int32Array.from(ids) };
}

async function evaluate(model, feeds, output, wrt, wanted) {
  const tensors = await model.forward(feeds, [output, ...wanted]);
  const value = tensors[output];
  const weights = new Float64Array(value.data.length);
  weights[0] = 1;
  const objective = { tensor: output, rows: [{ kind: 'linear', weights }] };
  const { gradients } = await model.gradient({ feeds, objective, wrt });
  return { output: value, tensors, gradients: wrt.map((tensor) => gradients[tensor]) };
}

/** Largest difference by largest value. */
function distance(actual, expected) {
  let difference = 0;
  let largest = 0;
  for (const [t, { data }] of expected.entries()) {
    for (let i = 0; i < data.length; i++) {
      difference = Math.max(difference, Math.abs(Number(actual[t].data[i]) - Number(data[i])));
      largest = Math.max(largest, Math.abs(Number(data[i])));
    }
  }
  if (largest === 0) throw new Error('an expected tensor is zero everywhere: nothing is measured by it');
  return difference / largest;
}

function markdown() {
  const heads = ['SIMD128', 'relaxed'].slice(0, engines.length);
  const columns = heads.flatMap((head) =>
    ['output', 'gradient', 'units', 'same units'].map((what) => `${what}, ${head}`),
  );
  const cell = (errors) => {
    const sorted = errors.toSorted((a, b) => a - b);
    return [sorted[Math.floor((sorted.length - 1) / 2)], sorted.at(-1)]
      .map((error) => error.toExponential(1))
      .join(', ');
  };
  const lines = rows.map(({ name, errors }) => [
    name,
    ...errors.flatMap((e) => [cell(e.output), cell(e.gradient), `${e.flips} of ${e.units}`, cell(e.pattern)]),
  ]);
  const command = `node benchmarks/wasm/accuracy.mjs --inputs ${inputs} --write`;
  return `# Accuracy of the WebAssembly engine on whole networks

Generated by \`${command}\` on Node ${process.versions.node}. Of ${inputs} random inputs the median and the worst of: largest difference
from the float64 reference engine, divided by the largest value. Gradients are those of the first element of the output,
with respect to all inputs or embeddings. Models without a folder in this repository are read from reference data beside
it and left out where that is absent; GoogLeNet and ResNet-18 have random weights.

A gradient jumps at kinks. Where a pre-activation lies within rounding of 0, or two places of a pooling window of each
other, float32 may take another side than float64, and deep networks on random inputs meet such points often. \`units\`
counts the values before kinks whose sign differs from float64 (over all inputs; pooling windows that choose another place
are not among them); \`same units\` is the error of the gradient when the reference is made to decide as float32 did: what
is left is rounding. See [Float32 and kinks](../../packages/wasm/README.md#float32-and-kinks).

${[['network', ...columns], ['---', ...columns.map(() => '---')], ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n')}
`;
}
