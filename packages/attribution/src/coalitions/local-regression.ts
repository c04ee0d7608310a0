import { factor, substitute } from './cholesky.ts';
import type { DesignSolver } from './drawn-design.ts';

/**
 * The regression of v(S) on a constant and who is present: argmin over c, phi of
 * sum over S of w_S (v(S) - c - sum of phi_i in S)^2 + ridge sum of phi_i^2, with weights of sum 1. Weights are those of
 * the first coalitions. Null if the coalitions do not determine phi.
 *
 * @source Ribeiro, Singh, Guestrin 2016, arXiv:1602.04938, equation 1 with a linear explanation
 */
export function localSolver(
  players: number,
  coalitions: readonly Uint8Array[],
  weights: Float64Array,
  ridge: number,
): DesignSolver | null {
  const presence = new Float64Array(players);
  for (const [k, weight] of weights.entries()) {
    if (weight !== 0) for (let i = 0; i < players; i++) presence[i] += weight * coalitions[k][i];
  }
  const matrix = new Float64Array(players * players);
  for (const [k, weight] of weights.entries()) {
    if (weight === 0) continue;
    for (let i = 0; i < players; i++) {
      const x = weight * (coalitions[k][i] - presence[i]);
      for (let j = 0; j <= i; j++) matrix[i * players + j] += x * (coalitions[k][j] - presence[j]);
    }
  }
  for (let i = 0; i < players; i++) matrix[i * players + i] += ridge;
  if (!factor(matrix, players)) return null;
  return (gains) => {
    let mean = 0;
    for (const [k, weight] of weights.entries()) if (weight !== 0) mean += weight * gains(k);
    const phi = new Float64Array(players);
    for (const [k, weight] of weights.entries()) {
      if (weight === 0) continue;
      const y = weight * (gains(k) - mean);
      for (let i = 0; i < players; i++) phi[i] += (coalitions[k][i] - presence[i]) * y;
    }
    substitute(matrix, players, phi);
    return phi;
  };
}
