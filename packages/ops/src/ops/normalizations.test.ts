import { describe, expect, test } from 'vitest';
import { float64, sizeOf, type Tensor } from '@pathwise/model';
import type { Attrs } from '@pathwise/graph';
import { lowerGraph, ops, referenceEngine } from '../index.ts';
import { evaluateOp } from '../../test/evaluate.ts';
import { gradientAt } from '../../test/gradient-at.ts';

/** Any numbers that are not regular. */
function wave(shape: readonly number[], phase = 0): Tensor {
  return float64(
    shape,
    Float64Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(3 * i * i + phase) + 0.3 * i),
  );
}

describe('values by hand', () => {
  // Closed form: 1, 3, 5, 7 have mean 4 and variance 5.
  const row = [1, 3, 5, 7];
  const z = row.map((v) => (v - 4) / Math.sqrt(5 + 0.25));
  const [one, two] = [float64([1], [2]), float64([1], [10])];

  test('LayerNormalization with its statistics', () => {
    const [y, mean, inverse] = evaluateOp(
      'LayerNormalization',
      [float64([1, 4], row), float64([4], [1, 2, 3, 4]), two],
      { epsilon: 0.25 },
      3,
    );
    expect(y.data).toBeClose(z.map((v, i) => v * (i + 1) + 10));
    expect(mean.data).toBeClose([4]);
    expect(inverse.data).toBeClose([1 / Math.sqrt(5.25)]);
    expect([mean.shape, inverse.shape]).toEqual([
      [1, 1],
      [1, 1],
    ]);
  });

  test('InstanceNormalization, GroupNormalization', () => {
    const image = float64([1, 1, 2, 2], row);
    expect(evaluateOp('InstanceNormalization', [image, one, two], { epsilon: 0.25 })[0].data).toBeClose(
      z.map((v) => 2 * v + 10),
    );
    const pair = float64([1, 2, 2], row);
    const [scale, bias] = [float64([2], [2, 3]), float64([2], [10, 20])];
    expect(evaluateOp('GroupNormalization', [pair, scale, bias], { epsilon: 0.25, num_groups: 1 })[0].data).toBeClose([
      2 * z[0] + 10,
      2 * z[1] + 10,
      3 * z[2] + 20,
      3 * z[3] + 20,
    ]);
  });

  test('RMSNormalization: 1, 3, 5, 7 have mean square 21', () => {
    const [y] = evaluateOp('RMSNormalization', [float64([1, 4], row), one], { epsilon: 4 });
    expect(y.data).toBeClose(row.map((v) => (2 * v) / 5));
  });

  test('MeanVarianceNormalization', () => {
    const [y] = evaluateOp('MeanVarianceNormalization', [float64([1, 1, 2, 2], row)]);
    expect(y.data).toBeClose(row.map((v) => (v - 4) / (Math.sqrt(5) + 1e-9)));
  });

  // Closed form for two elements with half their difference u > 0: y_0 = u / (u + e), dy_0/dx_0 = e / (u + e)^2 / 2.
  test('gradient of MeanVarianceNormalization where the deviation is as small as e = 1e-9', async () => {
    const pair = float64([1, 1, 1, 2], [1e-9, -1e-9]);
    const [dx] = await gradientAt('MeanVarianceNormalization', [pair], {}, [1, 0]);
    expect(dx).toBeClose([1.25e8, -1.25e8]);
  });

  // Closed form: near equal elements y = (x - mean) / (1e-9 + O(x - mean)), so dx = (dy - mean(dy)) / 1e-9.
  test('gradient of MeanVarianceNormalization where nothing varies', async () => {
    const equal = float64([1, 1, 1, 2], [3, 3]);
    const [dx] = await gradientAt('MeanVarianceNormalization', [equal], {}, [1, 0]);
    expect(dx).toBeClose([0.5e9, -0.5e9]);
    const [single] = await gradientAt('MeanVarianceNormalization', [float64([2, 1], [3, -2])], { axes: [1] });
    expect(single).toBeClose([0, 0]);
  });

  test('BatchNormalization', () => {
    const parameters = [float64([2], [2, 3]), float64([2], [10, 20]), float64([2], [1, 4]), float64([2], [3, 8])];
    const [y] = evaluateOp('BatchNormalization', [float64([1, 2, 2], row), ...parameters], { epsilon: 1 });
    expect(y.data).toBeClose([10, 2 * (2 / 2) + 10, 3 * (1 / 3) + 20, 3 * (3 / 3) + 20]);
  });

  test('LRN: windows of three channels, cut off at the ends', () => {
    const [y] = evaluateOp('LRN', [float64([1, 4, 1], row)], { size: 3, alpha: 3, beta: 0.5, bias: 2 });
    const sums = [1 + 9, 1 + 9 + 25, 9 + 25 + 49, 25 + 49];
    expect(y.data).toBeClose(row.map((v, i) => v / Math.sqrt(2 + sums[i])));
  });

  test('LpNormalization; zeros stay zeros', () => {
    const rows = float64([2, 2], [3, -4, 0, 0]);
    expect(evaluateOp('LpNormalization', [rows])[0].data).toBeClose([0.6, -0.8, 0, 0]);
    expect(evaluateOp('LpNormalization', [rows], { p: 1 })[0].data).toBeClose([3 / 7, -4 / 7, 0, 0]);
    expect(() => evaluateOp('LpNormalization', [rows], { p: 3 })).toThrow('p = 3 is not supported');
  });
});

// The lowered form is the definition written in simpler ops.
test.each([
  ['LayerNormalization', { axis: 1, epsilon: 0.1 }, [[2, 3, 4], [3, 4], [4]], 3],
  ['LayerNormalization', {}, [[2, 3], [3]], 1],
  ['RMSNormalization', { epsilon: 0.1 }, [[2, 3], [3]], 1],
  ['InstanceNormalization', {}, [[2, 3, 4], [3], [3]], 1],
  ['GroupNormalization', { num_groups: 2 }, [[2, 4, 3], [4], [4]], 1],
  ['MeanVarianceNormalization', {}, [[2, 3, 2, 2]], 1],
  ['LRN', { size: 3, alpha: 0.7 }, [[1, 5, 2, 2]], 1],
  ['LpNormalization', {}, [[2, 3]], 1],
  ['LpNormalization', { axis: 0, p: 1 }, [[2, 3]], 1],
  ['ReduceL1', { keepdims: 0 }, [[2, 3]], 1],
  ['ReduceL2', {}, [[2, 3]], 1],
  ['ReduceLogSum', {}, [[2, 3]], 1],
  ['ReduceLogSumExp', {}, [[2, 3]], 1],
  ['ReduceSumSquare', { noop_with_empty_axes: 1 }, [[2, 3]], 1],
] as const)('%s %o lowered', async (op, attrs: Attrs, shapes, count) => {
  const b = ops.builder();
  const feeds = Object.fromEntries(shapes.map((shape, i) => [b.input(`x${i}`, shape, 'float64'), wave(shape, i)]));
  const outputs = b.apply(op, Object.keys(feeds), attrs, { outputs: Array.from({ length: count }, (_, i) => `y${i}`) });
  const graph = b.build(outputs);
  const lowered = lowerGraph(graph, (node) => node.op === op);
  expect(lowered.nodes.map((node) => node.op)).not.toContain(op);
  const direct = await (await referenceEngine.load(graph)).run(feeds, outputs);
  const result = await (await referenceEngine.load(lowered)).run(feeds, outputs);
  for (const output of outputs) {
    expect(result[output].shape).toEqual(direct[output].shape);
    expect(result[output].data).toBeClose(direct[output].data as Float64Array, { scale: 1e-14 });
  }
});

describe('what is refused', () => {
  const x = wave([1, 4, 2]);
  const four = wave([4]);

  test('training', () => {
    expect(() =>
      evaluateOp('BatchNormalization', [x, four, four, four, four], { training_mode: 1 }),
    ).toThrowErrorMatchingInlineSnapshot(
      `[PathwiseError: node "BatchNormalization_0" (BatchNormalization): training_mode = 1 is not supported. Export the model for inference]`,
    );
  });
  test('groups that do not divide the channels, parameters of the wrong size', () => {
    expect(() =>
      evaluateOp('GroupNormalization', [x, four, four], { num_groups: 3 }),
    ).toThrowErrorMatchingInlineSnapshot(
      `[PathwiseError: node "GroupNormalization_0" (GroupNormalization): attributes: expected a divisor of 4 channels for num_groups, got 3]`,
    );
    expect(() => evaluateOp('InstanceNormalization', [x, wave([3]), four])).toThrowErrorMatchingInlineSnapshot(
      `[PathwiseError: node "InstanceNormalization_0" (InstanceNormalization): inputs: expected shape [4] for the parameters of the channels, got [3]]`,
    );
  });
});
