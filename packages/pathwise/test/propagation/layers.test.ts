import { float32, toFloat64, type DifferentiableModel, type Tensor } from '@pathwise/model';
import { attribute } from '@pathwise/attribution';
import { graphBuilder, graphModel, referenceEngine } from '@pathwise/ops';
import { describe, expect, test } from 'vitest';

/** y = W2 relu(W1 x), without biases, and a second way around the hidden layer if asked for. */
function network(bypass = false): DifferentiableModel {
  const b = graphBuilder();
  const x = b.input('x', [1, 2]);
  const h = b.relu(b.gemm(x, float32([3, 2], [1, 2, -1, 1, 2, -3]), null, { transB: 1 }), 'h');
  const y = b.gemm(h, float32([1, 3], [2, -1, 0.5]), null, { transB: 1 }, 'z');
  return graphModel(
    b.build([bypass ? b.add(y, b.gemm(x, float32([1, 2], [1, 1]), null, { transB: 1 })) : y]),
    referenceEngine,
  );
}

const inputs = { x: float32([1, 2], [1, 2]) };
const data = (t: Tensor | undefined): number[] => Array.from(toFloat64((t as Tensor).data));

// h = relu(5, 1, -4) = (5, 1, 0), F = 10 - 1 = 9; LRP-0 at h is h times its weights: (10, -1, 0).
describe('relevance at a layer', () => {
  test('is what arrives there, and sums to F on a cut', async () => {
    const a = await attribute(network(), 'lrp-epsilon', { inputs, target: 0, layer: 'h', params: { epsilon: 0 } });
    expect(data(a.attributions['h'])).toBeClose([10, -1, 0]);
    expect(a.complete).toBe(true);
    expect(a.convergenceDelta).toBeClose([0], { atol: 1e-12 });
  });

  test('several layers take it one after the other', async () => {
    const a = await attribute(network(), 'lrp-epsilon', {
      inputs,
      target: 0,
      layer: ['h', 'z'],
      params: { epsilon: 0 },
    });
    expect(data(a.attributions['h'])).toBeClose([10, -1, 0]);
    expect(data(a.attributions['z'])).toBeClose([9]);
  });

  // The way around gets 3 of 12.
  test('says when the layer is no cut', async () => {
    const a = await attribute(network(true), 'lrp-epsilon', { inputs, target: 0, layer: 'h', params: { epsilon: 0 } });
    expect(a.complete).toBe(false);
    expect(a.convergenceDelta).toBeClose([-3], { atol: 1e-12 });
    expect(a.warnings.map(({ code }) => code)).toContain('no-cut');
  });
});

// h goes from 0 to (5, 1, 0) and the head is linear: its weights times the change.
describe('multipliers at a layer', () => {
  test.each(['deeplift-rescale', 'deepshap'])(
    '%s: times the change of the layer, to F(x) - F(baseline)',
    async (method) => {
      const request = { inputs, target: 0, layer: 'h', baseline: float32([2], [0, 0]) };
      const a = await attribute(network(), method, request);
      expect(data(a.attributions['h'])).toBeClose([10, -1, 0]);
      expect(a.complete).toBe(true);
      expect(a.convergenceDelta).toBeClose([0], { atol: 1e-12 });
      const around = await attribute(network(true), method, request);
      expect(data(around.attributions['h'])).toBeClose([10, -1, 0]);
      expect(around.complete).toBe(false);
      expect(around.convergenceDelta).toBeClose([-3], { atol: 1e-12 });
    },
  );

  // h = relu(2x), y = relu(h + x - 1), x from 0 to 2: z from -1 to 5, y from 0 to 5, slope 5/6; h changes by 4. With x
  // held at 2 in the twin, z would start at 1, and the slope would be 1.
  test('the twin starts at the baseline beside the layer, too', async () => {
    const b = graphBuilder();
    const x = b.input('x', [1, 1]);
    const h = b.relu(b.gemm(x, float32([1, 1], [2])), 'h');
    const y = b.relu(b.gemm(b.add(h, x), float32([1, 1], [1]), float32([1], [-1])));
    const model = graphModel(b.build([y]), referenceEngine);
    const a = await attribute(model, 'deeplift-rescale', {
      inputs: { x: float32([1, 1], [2]) },
      target: 0,
      layer: 'h',
    });
    expect(data(a.attributions['h'])).toBeClose([10 / 3], { rtol: 1e-12 });
    expect(a.evaluations).toEqual(model.counters);
  });

  // Two baselines: h from (0, 0, 0) and, at x = (0, 1), from (2, 1, 0): (10, -1, 0) and (6, 0, 0).
  test('deepshap takes the mean over baselines; reveal-cancel has no parts of a layer', async () => {
    const request = { inputs, target: 0, layer: 'h', baseline: { set: float32([2, 2], [0, 0, 0, 1]) } };
    const a = await attribute(network(), 'deepshap', request);
    expect(data(a.attributions['h'])).toBeClose([8, -0.5, 0]);
    expect(a.convergenceDelta).toBeClose([0], { atol: 1e-12 });
    const params = { rule: 'reveal-cancel' };
    await expect(attribute(network(), 'deepshap', { ...request, params })).rejects.toThrow(/rescale at a layer/);
  });
});

// g = (h, -h) at h = relu(1): y = g1 - g2 = 2. Both parts are positive and get 1; that of g2 is lost, for it has no
// positive part. Taken for non-negative, as h is, g would send 2 through g1.
test('only what cannot be negative is taken for it', async () => {
  const b = graphBuilder();
  const h = b.relu(b.input('x', [1, 1]));
  const g = b.gemm(h, float32([2, 1], [1, -1]), null, { transB: 1 });
  const model = graphModel(b.build([b.gemm(g, float32([1, 2], [1, -1]), null, { transB: 1 })]), referenceEngine);
  const params = { stabilizer: 0 };
  const a = await attribute(model, 'lrp-z-plus', { inputs: { x: float32([1, 1], [1]) }, target: 0, params });
  expect(data(a.attributions['x'])).toBeClose([1]);
});

describe('what cannot be', () => {
  test('a function as target of relevance', async () => {
    const target = (y: Float64Array) => ({ value: (y[0] as number) ** 2, gradient: [2 * (y[0] as number)] });
    await expect(attribute(network(), 'lrp-epsilon', { inputs, target })).rejects.toMatchObject({
      code: 'BAD_ARGUMENT',
    });
  });

  test('inputs outside the box', async () => {
    const params = { input: 'box', low: [0], high: [1] };
    await expect(attribute(network(), 'deep-taylor', { inputs, target: 0, params })).rejects.toThrow(
      /inputs from low = 0 to high = 1 for the box rule/,
    );
  });

  test('other activations for Deep Taylor, named before anything is computed', async () => {
    const b = graphBuilder();
    const model = graphModel(b.build([b.reduceSum(b.sigmoid(b.input('x', [1, 2])), [1])]), referenceEngine);
    await expect(attribute(model, 'deep-taylor', { inputs, target: 0 })).rejects.toMatchObject({
      code: 'UNSUPPORTED_METHOD',
      place: { op: 'Sigmoid' },
    });
    expect(model.counters).toEqual({ forward: 0, gradient: 0 });
  });

  // The index of the largest element moves with the input.
  test('a choice by data for DeepLIFT', async () => {
    const b = graphBuilder();
    const x = b.input('x', [1, 2]);
    const chosen = b.where(b.greater(x, 1), x, 0);
    const model = graphModel(b.build([b.reduceSum(chosen, [1])]), referenceEngine);
    await expect(attribute(model, 'deeplift-rescale', { inputs, target: 0 })).rejects.toMatchObject({
      code: 'UNSUPPORTED_METHOD',
      place: { op: 'Where' },
    });
  });
});

describe('warnings', () => {
  test('no rectifier: the gradient', async () => {
    const b = graphBuilder();
    const model = graphModel(
      b.build([b.gemm(b.input('x', [1, 2]), float32([1, 2], [3, -1]), null, { transB: 1 })]),
      referenceEngine,
    );
    const a = await attribute(model, 'guided-backprop', { inputs, target: 0 });
    expect(data(a.attributions['x'])).toEqual([3, -1]);
    expect(a.warnings.map(({ code }) => code)).toEqual(['no-rectifier']);
  });

  test('a softmax at the end is looked through', async () => {
    const b = graphBuilder();
    const z = b.gemm(b.input('x', [1, 2]), float32([2, 2], [3, -1, 1, 1]), null, { transB: 1 });
    const model = graphModel(b.build([b.softmax(z)]), referenceEngine);
    const a = await attribute(model, 'lrp-epsilon', { inputs, target: 0, params: { epsilon: 0 } });
    expect(data(a.attributions['x'])).toBeClose([3, -2]);
    expect(a.warnings.map(({ code }) => code)).toEqual(['output-scale']);
  });

  test('merged normalizations and biases are named', async () => {
    const b = graphBuilder();
    const x = b.input('x', [1, 2]);
    const [scale, shift, mean, variance] = [[2], [1], [0.5], [3]].map((v) => float32([1], v));
    const conv = b.conv(b.reshape(x, [1, 1, 2]), float32([1, 1, 1], [1]));
    const norm = b.emit('BatchNormalization', [conv, ...[scale, shift, mean, variance].map((t) => b.ref(t as Tensor))]);
    const y = b.add(b.matmul(b.reshape(norm, [1, 2]), float32([2, 1], [1, 1])), float32([1], [4]));
    const a = await attribute(graphModel(b.build([y]), referenceEngine), 'lrp-epsilon', { inputs, target: 0 });
    expect(a.canonizers).toHaveLength(2);
  });
});
