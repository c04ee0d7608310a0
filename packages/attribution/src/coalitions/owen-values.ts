import { argumentError } from '@pathwise/model';
import { bitCount, checkMasked, membersOf } from './bits.ts';
import { sizeWeights } from './size-weights.ts';

/** Players in unions: bit masks over players, and over the members of each union. */
export interface Unions {
  /** Bit mask of the players of each union. */
  readonly masks: readonly number[];
  /** Union of each player. */
  readonly ofPlayer: readonly number[];
}

/** @throws PathwiseError BAD_ARGUMENT unless there is one union number a player */
export function unionsOf(method: string, given: readonly number[], players: number): Unions {
  checkMasked(method, players);
  if (given.length !== players || !given.every((union) => Number.isInteger(union) && union >= 0)) {
    const expected = `a union number of 0 or more for each of ${players} players, in ascending order of their ids`;
    throw argumentError(method, 'parameter unions', expected, [...given]);
  }
  const ids = [...new Set(given)].sort((a, b) => a - b);
  const ofPlayer = given.map((union) => ids.indexOf(union));
  const masks = ids.map((_, g) => ofPlayer.reduce((mask, union, i) => (union === g ? mask | (1 << i) : mask), 0));
  return { masks, ofPlayer };
}

/** How many coalitions the Owen values need, nobody and all included. */
export function owenCount({ masks }: Unions): number {
  const unions = masks.length;
  return masks.reduce((sum, mask) => sum + 2 ** (unions - 1) * (2 ** bitCount(mask) - 2), 2 ** unions);
}

/** The coalitions that the Owen values need: part of one union, and others as a whole or not at all. */
export function owenCoalitions(unions: Unions): number[] {
  const masks = new Set<number>();
  for (const [g, own] of unions.masks.entries()) {
    for (const outside of outsideOf(unions, g)) for (const inside of subsetsOf(own)) masks.add(outside.mask | inside);
  }
  return [...masks].sort((a, b) => a - b);
}

/**
 * Owen values: Shapley values between unions, and inside each of them; the mean over all orders in which every union
 * stands together. A player's gains v(H + T + i) - v(H + T), H other unions and T others of its own, are weighted by
 * 1 / (r C(r - 1, |H|)) 1 / (m C(m - 1, |T|)) for r unions and m members.
 *
 * @source Owen 1977, Values of games with a priori unions
 */
export function owenValues(v: (mask: number) => number, unions: Unions): Float64Array {
  const count = unions.masks.length;
  const between = sizeWeights(count);
  return Float64Array.from(unions.ofPlayer, (g, player) => {
    const own = unions.masks[g];
    const within = sizeWeights(bitCount(own));
    let sum = 0;
    for (const { mask, size } of outsideOf(unions, g)) {
      for (const inside of subsetsOf(own & ~(1 << player))) {
        const gain = v(mask | inside | (1 << player)) - v(mask | inside);
        sum += between[size] * within[bitCount(inside)] * gain;
      }
    }
    return sum;
  });
}

/** Unions other than g, whole or absent. */
function outsideOf({ masks }: Unions, g: number): { readonly mask: number; readonly size: number }[] {
  const others = masks.filter((_, h) => h !== g);
  return Array.from({ length: 2 ** others.length }, (_, chosen) => {
    const members = membersOf(chosen);
    return { mask: members.reduce((mask, h) => mask | others[h], 0), size: members.length };
  });
}

/** All subsets of a bit mask, ascending. */
function* subsetsOf(mask: number): Generator<number> {
  let subset = 0;
  do {
    yield subset;
    subset = (subset - mask) & mask;
  } while (subset !== 0);
}
