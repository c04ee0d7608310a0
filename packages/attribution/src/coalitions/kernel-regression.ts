/** Solves for the values of all players from v(S) - v(none) of each coalition and v(all) - v(none). */
export type KernelSolver = (gains: (coalition: number) => number, change: number) => Float64Array;

/** Pivots below this share of the largest diagonal element are rounding. */
const SINGULAR = 1e-12;

/**
 * The regression phi = argmin sum over S of w_S (v(S) - v(none) - sum of phi_i in S)^2 with sum phi = v(all) - v(none).
 * The constraint is met exactly: the last player is eliminated. `ridge` penalizes squares of all values.
 * Null if the coalitions do not determine the values.
 *
 * @source Lundberg, Lee 2017, arXiv:1705.07874, theorem 2
 */
export function kernelSolver(
  players: number,
  coalitions: readonly Uint8Array[],
  weights: Float64Array,
  ridge: number,
): KernelSolver | null {
  const n = players - 1;
  const matrix = new Float64Array(n * n);
  const designRow = (coalition: Uint8Array): Int8Array =>
    Int8Array.from({ length: n }, (_, i) => coalition[i] - coalition[n]);
  for (const [k, coalition] of coalitions.entries()) {
    if (weights[k] === 0) continue;
    const x = designRow(coalition);
    for (let i = 0; i < n; i++) {
      if (x[i] === 0) continue;
      for (let j = 0; j <= i; j++) matrix[i * n + j] += weights[k] * x[i] * x[j];
    }
  }
  for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) matrix[i * n + j] += ridge * (i === j ? 2 : 1);
  if (!factor(matrix, n)) return null;
  return (gains, change) => {
    const right = new Float64Array(n).fill(ridge * change);
    for (const [k, coalition] of coalitions.entries()) {
      if (weights[k] === 0) continue;
      const y = gains(k) - coalition[n] * change;
      const x = designRow(coalition);
      for (let i = 0; i < n; i++) right[i] += weights[k] * x[i] * y;
    }
    substitute(matrix, n, right);
    const phi = new Float64Array(players);
    phi.set(right);
    phi[n] = change - right.reduce((a, b) => a + b, 0);
    return phi;
  };
}

/** Cholesky factor in the lower triangle, in place; false if the matrix is singular. */
function factor(matrix: Float64Array, n: number): boolean {
  let largest = 0;
  for (let i = 0; i < n; i++) largest = Math.max(largest, matrix[i * n + i]);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * n + j];
      for (let k = 0; k < j; k++) sum -= matrix[i * n + k] * matrix[j * n + k];
      if (i === j) {
        if (!(sum > SINGULAR * largest)) return false;
        matrix[i * n + i] = Math.sqrt(sum);
      } else {
        matrix[i * n + j] = sum / matrix[j * n + j];
      }
    }
  }
  return true;
}

/** L L^T x = right, in place. */
function substitute(lower: Float64Array, n: number, right: Float64Array): void {
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) right[i] -= lower[i * n + k] * right[k];
    right[i] /= lower[i * n + i];
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) right[i] -= lower[k * n + i] * right[k];
    right[i] /= lower[i * n + i];
  }
}
