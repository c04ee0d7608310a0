import { bitCount } from './bits.ts';
import { sizeWeights } from './size-weights.ts';

/**
 * Shapley values of a game v(S), listed by bit mask (bit i set: player i is present): phi_i is the sum over S without i
 * of (v(S + i) - v(S)) / (n C(n - 1, |S|)). Differences keep a player that changes nothing at exactly 0.
 *
 * @source Shapley 1953, A value for n-person games
 */
export function shapleyValues(v: Float64Array, players: number): Float64Array {
  const weights = sizeWeights(players);
  const phi = new Float64Array(players);
  for (let coalition = 0; coalition < v.length; coalition++) {
    const weight = weights[bitCount(coalition)];
    for (let i = 0; i < players; i++) {
      if (((coalition >>> i) & 1) === 0) phi[i] += weight * (v[coalition | (1 << i)] - v[coalition]);
    }
  }
  return phi;
}
