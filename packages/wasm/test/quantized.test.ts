import { beforeAll, expect, test } from 'vitest';
import { float32, tensor, type Objective, type Tensor } from '@pathwise/model';
import type { Graph } from '@pathwise/graph';
import { graphBuilder, graphModel, referenceEngine } from '@pathwise/ops';
import { wasmEngine } from '../src/index.ts';
import { ensureCore } from '../tools/build.mjs';

beforeAll(ensureCore, 120_000);

const x: Tensor = float32(
  [3, 6],
  Array.from({ length: 18 }, (_, i) => 2 * Math.sin(2.3 * i + 1)),
);

/** A dense layer whose weights and activations are levels, as quantizers write them. */
function quantized(dynamic: boolean): Graph {
  const b = graphBuilder();
  const v = b.input('x', [1, 6]);
  const weights = tensor(
    'int8',
    [6, 4],
    Array.from({ length: 24 }, (_, i) => ((i * 37) % 255) - 127),
  );
  const w = b.emit('DequantizeLinear', [b.constant(weights), b.constant(float32([4], [0.01, 0.02, 0.005, 0.03]))]);
  let levels = b.emit('QuantizeLinear', [v, b.scalar(0.015), b.constant(tensor('uint8', [], [128]))]);
  let back: readonly string[] = [b.scalar(0.015), b.constant(tensor('uint8', [], [128]))];
  if (dynamic) [levels, ...back] = b.apply('DynamicQuantizeLinear', [v], {}, { outputs: ['levels', 'scale', 'zero'] });
  // Levels are moved about without being touched.
  const turned = b.transpose(b.transpose(levels, [1, 0]), [1, 0]);
  const dense = b.relu(b.matmul(b.emit('DequantizeLinear', [turned, ...back]), w));
  return b.build([b.matmul(dense, float32([4, 1], [1, -2, 3, 0.5]), 'y')]);
}

const objective: Objective = { tensor: 'y', rows: [{ kind: 'linear', weights: Float64Array.of(1) }] };

test.each([
  ['scale and zero point known', false],
  ['scale and zero point of the data', true],
])('a quantized layer and its straight-through gradient: %s', async (_name, dynamic) => {
  const request = { feeds: { x }, objective, wrt: ['x'] };
  const [here, there] = await Promise.all(
    [wasmEngine, referenceEngine].map((engine) => graphModel(quantized(dynamic), engine).gradient(request)),
  );
  expect(here!.values).toBeClose(there!.values, { scale: 1e-5 });
  const expected = there!.gradients['x']!.data as Float64Array;
  expect(here!.gradients['x']!.data).toBeClose(expected, { scale: 1e-5 });
  expect(expected.some((value) => value !== 0)).toBe(true);
});

test('numbers that may wrap around are refused', () => {
  const b = graphBuilder();
  const v = b.input('x', [1, 6]);
  const cut = b.emit('Clip', [v, b.scalar(-1), b.scalar(255)]);
  const reasons = [v, cut].map((from) => {
    const support = wasmEngine.supports(
      b.build([b.emit('Cast', [b.emit('Cast', [from], { to: 'uint8' })], { to: 'float32' })]),
    );
    return support.ok ? [] : support.missing.map(({ reason }) => reason);
  });
  const reason = 'numbers beyond the range of uint8 wrap around, which has no kernel; cut them by a Clip before';
  expect(reasons).toEqual([[reason], [reason, reason]]);
});

test('levels are not computed with', () => {
  const b = graphBuilder();
  const levels = b.input('levels', [1, 6], 'uint8');
  expect(wasmEngine.supports(b.build([b.add(levels, levels)])).ok).toBe(false);
});
