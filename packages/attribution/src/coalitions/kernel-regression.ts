import { factor, substitute } from './cholesky.ts';
import type { DesignSolver } from './drawn-design.ts';

/**
 * The regression phi = argmin sum over S of w_S (v(S) - v(none) - sum of phi_i in S)^2 with sum phi = v(all) - v(none).
 * The constraint is met exactly: the last player is eliminated. `ridge` penalizes squares of all values.
 * Weights are those of the first coalitions; the others do not take part. Null if the coalitions do not determine the values.
 *
 * @source Lundberg, Lee 2017, arXiv:1705.07874, theorem 2
 */
export function kernelSolver(
  players: number,
  coalitions: readonly Uint8Array[],
  weights: Float64Array,
  ridge: number,
): DesignSolver | null {
  const n = players - 1;
  const matrix = new Float64Array(n * n);
  const designRow = (coalition: Uint8Array): Int8Array =>
    Int8Array.from({ length: n }, (_, i) => coalition[i] - coalition[n]);
  for (const [k, weight] of weights.entries()) {
    if (weight === 0) continue;
    const x = designRow(coalitions[k]);
    for (let i = 0; i < n; i++) {
      if (x[i] === 0) continue;
      for (let j = 0; j <= i; j++) matrix[i * n + j] += weight * x[i] * x[j];
    }
  }
  for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) matrix[i * n + j] += ridge * (i === j ? 2 : 1);
  if (!factor(matrix, n)) return null;
  return (gains, change) => {
    const right = new Float64Array(n).fill(ridge * change);
    for (const [k, weight] of weights.entries()) {
      if (weight === 0) continue;
      const y = gains(k) - coalitions[k][n] * change;
      const x = designRow(coalitions[k]);
      for (let i = 0; i < n; i++) right[i] += weight * x[i] * y;
    }
    substitute(matrix, n, right);
    const phi = new Float64Array(players);
    phi.set(right);
    phi[n] = change - right.reduce((a, b) => a + b, 0);
    return phi;
  };
}
