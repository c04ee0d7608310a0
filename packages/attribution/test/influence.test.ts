import { float64, toFloat64 } from '@pathwise/model';
import { describe, expect, test } from 'vitest';
import { toyModel } from '../../model/testing/toy-model.ts';
import { attribute, type AttributionRequest } from '../src/index.ts';

// h = (x0^2, x0), F = h0 h1: the gradient by h is (h1, h0) = (x0, x0^2).
const bent = toyModel({ tensors: { h: ['x0*x0', 'x0'] }, outputs: ['h0*h1'] });
const request: AttributionRequest = { inputs: { x: float64([1, 1], [2]) }, target: 0, layer: 'h' };
const influence = async (more: Partial<AttributionRequest> = {}) => {
  const a = await attribute(bent, 'internal-influence', { ...request, ...more });
  return Array.from(toFloat64(a.attributions['h']!.data));
};

describe('internal influence', () => {
  test('two nodes of gauss-legendre integrate a square exactly', async () => {
    expect(await influence({ steps: 2 })).toBeClose([1, 4 / 3], { rtol: 1e-14 });
  });

  // Means of (0, 0), (1, 1), (2, 4) with weights 1/4, 1/2, 1/4; of the first two; of the last two.
  test.each([
    ['trapezoid', [1, 1.5]],
    ['left', [0.5, 0.5]],
    ['right', [1.5, 2.5]],
  ] as const)('%s with two steps', async (quadrature, expected) => {
    expect(await influence({ steps: 2, quadrature })).toBeClose([...expected], { rtol: 1e-14 });
  });

  test('x = baseline: the gradient at x, exactly', async () => {
    const a = await attribute(bent, 'internal-influence', { ...request, baseline: float64([1], [2]) });
    expect(Array.from(toFloat64(a.attributions['h']!.data))).toEqual([2, 4]);
    expect(a.warnings.map(({ code }) => code)).toEqual(['input-is-baseline']);
    expect(a.evaluations.gradient).toBe(1);
  });

  // F = x0^2 x1: integrated gradients are (2/3, 1/3) F and the influence of the input is that over the difference.
  test('the layer is the input: integrated gradients over the difference', async () => {
    const model = toyModel({ outputs: ['x0*x0*x1'] });
    const own = { inputs: { x: float64([1, 2], [2, 3]) }, target: 0, steps: 3 };
    const a = await attribute(model, 'internal-influence', { ...own, layer: 'x' });
    expect(a.attributions['x']?.data).toBeClose([4, 4 / 3], { rtol: 1e-14 });
    expect(a.unit).toBe('per-unit');
    expect(a.convergenceDelta).toBeNull();
  });

  // A neuron that does not move gets the mean gradient all the same: h1 = 5, F = h0 h1.
  test('a constant neuron', async () => {
    const model = toyModel({ tensors: { h: ['x0', '5+0*x0'] }, outputs: ['h0*h1'] });
    const a = await attribute(model, 'internal-influence', request);
    expect(a.attributions['h']?.data).toBeClose([5, 1], { rtol: 1e-14 });
    expect(model.counters.gradient).toBe(50);
  });

  test.each([
    [{ tolerance: 0.01 }, /takes no tolerance/],
    [{ quadrature: 'adaptive' as const }, /one of left/],
    [{ exact: true }, /takes no exact/],
  ])('%o is refused', async (more, message) => {
    await expect(influence(more)).rejects.toThrow(message);
  });
});
