import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { coarserWeights, quadrature, quadratureRules, type QuadratureRule } from './rules.ts';

const integrate = (rule: QuadratureRule, n: number, f: (a: number) => number): number => {
  const { alphas, weights } = quadrature(rule, n);
  return alphas.reduce((sum, alpha, k) => sum + weights[k] * f(alpha), 0);
};

describe('quadrature', () => {
  test('weights of every rule sum to 1, nodes ascend within [0, 1]', () => {
    fc.assert(
      fc.property(fc.constantFrom(...quadratureRules), fc.integer({ min: 1, max: 300 }), (rule, n) => {
        const { alphas, weights } = quadrature(rule, n);
        expect(weights.reduce((a, b) => a + b)).toBeClose(1, { atol: 2e-14 });
        expect(alphas.every((a, k) => a >= 0 && a <= 1 && (k === 0 || a > alphas[k - 1]))).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  // Closed sums: left 1/2 - 1/(2n), right 1/2 + 1/(2n); squares and cubes by Faulhaber's formulas.
  test.each([1, 2, 5, 16])('closed sums of powers, n = %i', (n) => {
    expect(integrate('left', n, (a) => a)).toBeClose(0.5 - 1 / (2 * n), { atol: 1e-15 });
    expect(integrate('right', n, (a) => a)).toBeClose(0.5 + 1 / (2 * n), { atol: 1e-15 });
    expect(integrate('left', n, (a) => a * a)).toBeClose(((n - 1) * (2 * n - 1)) / (6 * n * n), { atol: 1e-15 });
    expect(integrate('right', n, (a) => a * a)).toBeClose(((n + 1) * (2 * n + 1)) / (6 * n * n), { atol: 1e-15 });
    expect(integrate('midpoint', n, (a) => a * a)).toBeClose(1 / 3 - 1 / (12 * n * n), { atol: 1e-15 });
    expect(integrate('trapezoid', n, (a) => a * a)).toBeClose(1 / 3 + 1 / (6 * n * n), { atol: 1e-15 });
    expect(integrate('midpoint', n, (a) => a ** 3)).toBeClose(1 / 4 - 1 / (8 * n * n), { atol: 1e-15 });
    expect(integrate('trapezoid', n, (a) => a ** 3)).toBeClose(1 / 4 + 1 / (4 * n * n), { atol: 1e-15 });
  });

  // The first power that Gauss-Legendre misses: (n!)^4 / ((2n+1) ((2n)!)^2) = 1/12, 1/180, 1/2800.
  test.each([
    [1, 1 / 12],
    [2, 1 / 180],
    [3, 1 / 2800],
  ])('gauss-legendre misses degree 2n by the known amount, n = %i', (n, miss) => {
    expect(1 / (2 * n + 1) - integrate('gauss-legendre', n, (a) => a ** (2 * n))).toBeClose(miss, { rtol: 1e-12 });
  });

  test('gauss-legendre is exact to degree 2n - 1, clenshaw-curtis to n', () => {
    for (const n of [1, 2, 7, 20, 51]) {
      for (let d = 0; d < 2 * n; d++) {
        expect(integrate('gauss-legendre', n, (a) => a ** d)).toBeClose(1 / (d + 1), { atol: 1e-14 });
        if (d <= n) expect(integrate('clenshaw-curtis', n, (a) => a ** d)).toBeClose(1 / (d + 1), { atol: 1e-14 });
      }
    }
  });

  // Abramowitz, Stegun, table 25.4, moved from [-1, 1] to [0, 1].
  test('gauss-legendre, n = 5', () => {
    const { alphas, weights } = quadrature('gauss-legendre', 5);
    expect(alphas).toBeClose([0.046910077030668, 0.2307653449471585, 0.5, 0.7692346550528415, 0.953089922969332], {
      atol: 1e-15,
    });
    expect(weights).toBeClose(
      [0.1184634425280945, 0.2393143352496832, 0.2844444444444444, 0.2393143352496832, 0.1184634425280945],
      { atol: 1e-15 },
    );
    expect(alphas[2]).toBe(0.5);
  });

  test('the coarser rule lives on the even nodes, to the bit', () => {
    for (const rule of ['trapezoid', 'clenshaw-curtis'] as const) {
      const fine = quadrature(rule, 8);
      const half = quadrature(rule, 4);
      expect(half.alphas).toEqual(fine.alphas.filter((_, k) => k % 2 === 0));
      expect(coarserWeights(rule, 8)?.filter((_, k) => k % 2 === 0)).toEqual(half.weights);
      expect(coarserWeights(rule, 7)).toBeNull();
    }
    expect(coarserWeights('gauss-legendre', 8)).toBeNull();
  });

  test('steps must be a positive integer', () => {
    expect(() => quadrature('left', 0)).toThrowErrorMatchingInlineSnapshot(
      `[PathwiseError: quadrature: expected an integer of at least 1 for steps, got 0]`,
    );
    expect(() => quadrature('left', 2.5)).toThrow('integer');
  });
});

test.each(quadratureRules)('%s refuses more steps than it can make weights for', (rule) => {
  expect(() => quadrature(rule, 1e6 + 1)).toThrow(/at most/u);
});

test('gauss-legendre with a million steps would take hours', () => {
  expect(() => quadrature('gauss-legendre', 1e6)).toThrowErrorMatchingInlineSnapshot(
    `[PathwiseError: gauss-legendre: expected at most 10000 for steps, got 1000000. Ask for a tolerance, or use midpoint]`,
  );
});
