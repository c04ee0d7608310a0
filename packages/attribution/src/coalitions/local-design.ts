import { randomUniform, streams } from '@pathwise/model';
import type { Design } from './drawn-design.ts';

/**
 * Coalitions near the input: each player is absent with the odds exp(-1 / width^2) : 1, independently, so that a
 * coalition weighs exp(-absent / width^2) up to a factor. Up to `budget` of them are drawn, each with the same weight;
 * with a budget of 2^n all are there with the weight itself and nothing is drawn.
 *
 * @source Ribeiro, Singh, Guestrin 2016, arXiv:1602.04938, section 3.4, with the number of absent players as squared
 *   distance
 */
export function localDesign(players: number, budget: number, width: number, seed: number): Design {
  const presence = 1 / (1 + Math.exp(-1 / width ** 2));
  if (players <= 24 && budget >= 2 ** players) {
    const coalitions = Array.from({ length: 2 ** players }, (_, mask) =>
      Uint8Array.from({ length: players }, (__, player) => (mask >>> player) & 1),
    );
    const weights = Float64Array.from(coalitions, (coalition) =>
      coalition.reduce((weight, present) => weight * (present === 1 ? presence : 1 - presence), 1),
    );
    return { coalitions, weights, draws: [], sampledWeight: 0 };
  }
  const known = new Map<string, number>();
  const coalitions: Uint8Array[] = [];
  const draws = Array.from({ length: budget }, (_, sample) => {
    const coalition = Uint8Array.from({ length: players }, (__, element) =>
      randomUniform(seed, streams.coalition, { sample, element }) < presence ? 1 : 0,
    );
    const key = coalition.join('');
    const at = known.get(key) ?? coalitions.length;
    if (at === coalitions.length) coalitions.push(coalition);
    known.set(key, at);
    return [at];
  });
  const weights = new Float64Array(coalitions.length);
  for (const [k] of draws as [number][]) weights[k] += 1 / budget;
  return { coalitions, weights, draws, sampledWeight: 1 };
}
