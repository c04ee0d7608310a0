import { dividends } from './dividends.ts';
import { dividendsOfSets } from './dividends-of-sets.ts';

/** Effects of sets of players, by bit mask; smaller masks first, without the empty set. */
export interface Effects {
  readonly masks: readonly number[];
  readonly of: (mask: number) => number;
}

/**
 * Dividends of a game on `masks`: those of all sets of `players`, or of some with all their subsets, ascending and with the
 * empty one.
 */
export function effectsOfGame(v: (mask: number) => number, masks: readonly number[], players: number): Effects {
  if (masks.length < 2 ** players) return effectsOf(dividendsOfSets(v, masks));
  const all = dividends(Float64Array.from(masks, v));
  return { masks: masks.slice(1), of: (mask) => all[mask] };
}

export function effectsOf(values: ReadonlyMap<number, number>): Effects {
  const masks = Array.from(values.keys(), (mask) => mask).filter((mask) => mask !== 0);
  return { masks: masks.sort((a, b) => a - b), of: (mask) => values.get(mask) ?? NaN };
}

/** What single players do by themselves. */
export function singleEffects({ of }: Effects, players: number): Float64Array {
  return Float64Array.from({ length: players }, (_, player) => of(2 ** player));
}
