// The comparison within a browser: what chromium.mjs runs on its page.
import { readOnnx } from '@pathwise/onnx';
import { createWasmEngine, wasmEngine } from '@pathwise/wasm';
import { comparePoints } from './points.mjs';
import { onnxruntime } from './systems/onnxruntime.mjs';
import { pathwise } from './systems/pathwise.mjs';

const systems = [
  pathwise('wasm-relaxed', 'Pathwise wasm, relaxed SIMD', async () => createWasmEngine({ relaxed: true })),
  pathwise('wasm', 'Pathwise wasm', async () => wasmEngine),
  onnxruntime('web'),
];

async function networkOf(name) {
  const response = await fetch(`/network/${name}.onnx`);
  if (!response.ok) return null;
  const source = readOnnx(new Uint8Array(await response.arrayBuffer()), { name });
  return source.graph(
    Object.fromEntries(source.inputs.map(({ name: input, shape }) => [input, [1, ...shape.slice(1)]])),
  );
}

globalThis.compare = ({ names, points, rounds }) =>
  comparePoints({ names, networkOf, systems, points, rounds, log: (line) => console.log(line) });
document.title = 'ready';
