import { float64 } from '@pathwise/model';
import { describe, expect, test } from 'vitest';
import { toyModel } from '../../model/testing/toy-model.ts';
import { estimateLipschitz } from '../src/index.ts';

const at = (...x: number[]) => ({ inputs: { x: float64([1, x.length], x) }, target: 0 });

describe('Lipschitz estimates', () => {
  // A = (3 x0, -4 x1): 4 along the second feature, and less in every other direction.
  test('never exceed the constant of a linear map', async () => {
    const model = toyModel({ outputs: ['3*x0-4*x1'] });
    const estimates = await estimateLipschitz(model, 'input-x-gradient', at(1, 2), { directions: 64 });
    expect(estimates.map(({ radius }) => radius)).toBeClose([0.1, 0.01, 0.001].map((r) => r * Math.sqrt(5)));
    for (const { lowerBound, ratio } of estimates) {
      expect(lowerBound).toBeLessThan(4 + 1e-9);
      expect(lowerBound).toBeGreaterThan(3.9);
      // No quadrature, no error to take off.
      expect(lowerBound).toBe(ratio);
    }
  });

  // Closed form: A = (x0 x1 / 2)(1, 1), J = (x1, x0; x1, x0) / 2, norm |x| / sqrt 2 = 1 at (1, 1), along (1, 1): so
  // (s^2 - 1) / 2 * sqrt 2 / r for s = 1 + r / sqrt 2 is 1 + r / (2 sqrt 2). |x - x'| / |A| = 2.
  test('reach the norm of the Jacobian along the gradient', async () => {
    const model = toyModel({ outputs: ['x0*x1'] });
    const request = { ...at(1, 1), quadrature: 'gauss-legendre' as const, steps: 4 };
    const options = { directions: 0, radii: [0.001] };
    const [estimate] = await estimateLipschitz(model, 'integrated-gradients', request, options);
    expect([estimate?.ratio]).toBeClose([1 + (0.001 * Math.SQRT2) / (2 * Math.SQRT2)], { rtol: 1e-9 });
    expect(estimate?.relative).toBeCloseTo(2 * (estimate?.lowerBound ?? 0), 9);
  });

  // F = relu(x0 - x1), x' = 0: A = (x0, -x1) if x0 > x1, else 0. (1, 1.001) lies 0.0007 from the jump of size sqrt 2.
  test('grow like 1 / radius at a jump', async () => {
    const model = toyModel({ outputs: ['relu(x0-x1)'] });
    const request = { ...at(1, 1.001), exact: true };
    const estimates = await estimateLipschitz(model, 'integrated-gradients', request, {
      radii: [0.1, 0.01, 0.001],
    });
    const [wide, middle, narrow] = estimates.map(({ lowerBound }) => lowerBound) as [number, number, number];
    expect(middle / wide).toBeGreaterThan(8);
    expect(narrow / middle).toBeGreaterThan(8);
  });

  // The stated error of a rough integral leaves nothing certain at a small radius.
  test('the error of an integral is taken off', async () => {
    const model = toyModel({ outputs: ['tanh(3*x0)*x1'] });
    const request = { ...at(1, 2), tolerance: 0.05 };
    const [estimate] = await estimateLipschitz(model, 'integrated-gradients', request, { radii: [1e-3] });
    expect(estimate?.lowerBound).toBeLessThan(estimate?.ratio ?? 0);
  });

  // Stopped at a tolerance, two rows could be means of different numbers of orders: the difference would be noise.
  test('random methods are compared for the same draws, and as many', async () => {
    const model = toyModel({ outputs: ['x0*x1*x2*x3+x0**4'] });
    const request = { ...at(1, 2, 1, -1), params: { tolerance: 0.05 } };
    const [wide, narrow] = await estimateLipschitz(model, 'shapley-sampling', request, { radii: [0.01, 1e-5] });
    expect((narrow?.ratio ?? 0) / (wide?.ratio ?? 1)).toBeCloseTo(1, 1);
  });

  test('a row that does not differ from its baseline has no ball', async () => {
    const model = toyModel({ outputs: ['x0'] });
    const [estimate] = await estimateLipschitz(model, 'integrated-gradients', at(0), { radii: [0.1] });
    expect(estimate).toEqual({ row: 0, radius: 0, ratio: 0, lowerBound: 0, relative: 0 });
  });
});
