import type { InteractionOrder, Interactions } from '@pathwise/model';
import { bitCount, membersOf } from '../coalitions/bits.ts';
import type { Effects } from './effects.ts';

export interface ListOptions {
  readonly index: string;
  readonly players: number;
  /** Larger sets that are listed, strongest first. */
  readonly keep: number;
  /** Of one effect, by its number of players. */
  readonly noise: (players: number) => number;
}

/** Effects as they are reported: all pairs, the strongest of the larger sets, and sums by number of players. */
export function listInteractions({ masks, of }: Effects, { index, players, keep, noise }: ListOptions): Interactions {
  const sets: number[] = [];
  const absolute: number[] = [];
  const larger: number[] = [];
  const pairs = new Array<number>(players ** 2).fill(0);
  let total = 0;
  for (const mask of masks) {
    const value = of(mask);
    const size = bitCount(mask);
    sets[size - 1] = (sets[size - 1] ?? 0) + 1;
    absolute[size - 1] = (absolute[size - 1] ?? 0) + Math.abs(value);
    total += value;
    if (size > 2) larger.push(mask);
    else {
      const members = membersOf(mask);
      const [i, j] = [members[0], members.at(-1) as number];
      pairs[i * players + j] = value;
      pairs[j * players + i] = value;
    }
  }
  larger.sort((a, b) => Math.abs(of(b)) - Math.abs(of(a)) || a - b);
  return {
    index,
    players,
    pairs: sets.length > 1 || players === 1 ? pairs : null,
    sets: larger.slice(0, keep).map((mask) => ({ players: membersOf(mask), value: of(mask) })),
    orders: sets.map((count, k): InteractionOrder => ({
      players: k + 1,
      sets: count,
      absolute: absolute[k],
      noise: noise(k + 1),
    })),
    total,
  };
}
