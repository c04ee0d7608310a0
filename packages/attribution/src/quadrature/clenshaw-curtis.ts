import type { Nodes } from './nodes.ts';

/**
 * Clenshaw-Curtis nodes (1 - cos(k pi / n)) / 2, k = 0 .. n, and weights; the nodes of n / 2 are among those of n.
 * n = 1 is the trapezoid.
 *
 * @source Waldvogel 2006, Fast construction of the Fejér and Clenshaw-Curtis quadrature rules, BIT 46, equation 2.2
 */
export function clenshawCurtis(n: number): Nodes {
  const alphas = Float64Array.from({ length: n + 1 }, (_, k) => clenshawCurtisNode(k, n));
  const weights = new Float64Array(n + 1);
  for (let k = 0; k <= n; k++) {
    let sum = 0;
    for (let j = 1; j <= n / 2; j++) {
      const b = 2 * j === n ? 1 : 2;
      sum += (b * Math.cos((2 * Math.PI * j * k) / n)) / (4 * j * j - 1);
    }
    const c = k === 0 || k === n ? 1 : 2;
    weights[k] = (c * (1 - sum)) / (2 * n);
  }
  return { alphas, weights };
}

/** Node k of n; symmetric about 1/2 to the bit, and the same bits in every n that has it. */
export function clenshawCurtisNode(k: number, n: number): number {
  if (2 * k > n) return 1 - clenshawCurtisNode(n - k, n);
  const s = Math.sin((Math.PI * (k / n)) / 2); // sin^2(x/2) = (1 - cos x) / 2, without cancellation near 0
  return 2 * k === n ? 0.5 : s * s;
}
