import { randomPermutation, streams } from '@pathwise/model';

/** Players that are at the input; the others are at the baseline. */
export interface Coalition {
  /** One entry a player. */
  readonly isIn: readonly boolean[];
  readonly size: number;
}

/** The coalition of no player. */
export function nobody(players: number): Coalition {
  return { isIn: new Array<boolean>(players).fill(false), size: 0 };
}

/** The coalition of all players but one. */
export function everyoneBut(absent: number, players: number): Coalition {
  return { isIn: Array.from({ length: players }, (_, player) => player !== absent), size: players - 1 };
}

/** A player joins a coalition. */
export interface Joining {
  readonly player: number;
  /** Indices of the coalitions before and after. */
  readonly before: number;
  readonly after: number;
  /** The weights of a player's joinings sum to 1. */
  readonly weight: number;
}

/** Coalitions, every size from 0 to all players, each coalition once. */
export interface Round {
  readonly coalitions: readonly Coalition[];
  /** Weight of a coalition among those of its size; sums to 1 for each size. */
  readonly share: readonly number[];
  readonly joinings: readonly Joining[];
}

/** All n cyclic windows of a random permutation for every size; players join in the n rotations of that order. */
export function cyclicWindows(seed: number, players: number, round: number): Round {
  const order = randomPermutation(seed, streams.coalition, players, { sample: round });
  const coalitions: Coalition[] = [];
  const share: number[] = [];
  const indexOf = (size: number, shift: number): number => {
    if (size === 0) return 0;
    return size === players ? coalitions.length - 1 : 1 + (size - 1) * players + shift;
  };
  for (let size = 0; size <= players; size++) {
    const isSingle = size === 0 || size === players;
    for (let shift = 0; shift < (isSingle ? 1 : players); shift++) {
      const isIn = new Array<boolean>(players).fill(false);
      for (let k = 0; k < size; k++) isIn[order[(shift + k) % players]] = true;
      coalitions.push({ isIn, size });
      share.push(isSingle ? 1 : 1 / players);
    }
  }
  const joinings: Joining[] = [];
  for (let shift = 0; shift < players; shift++) {
    for (let size = 0; size < players; size++) {
      const player = order[(shift + size) % players];
      joinings.push({ player, before: indexOf(size, shift), after: indexOf(size + 1, shift), weight: 1 / players });
    }
  }
  return { coalitions, share, joinings };
}

/** All coalitions, those of a size with equal weight. */
export function allCoalitions(players: number): Round {
  const coalitions = Array.from({ length: 2 ** players }, (_, bits): Coalition => {
    const isIn = Array.from({ length: players }, (__, player) => ((bits >> player) & 1) === 1);
    return { isIn, size: isIn.filter(Boolean).length };
  });
  const ofSize = new Array<number>(players + 1).fill(0);
  for (const { size } of coalitions) ofSize[size]++;
  const joinings = coalitions.flatMap(({ isIn, size }, before) =>
    isIn.flatMap((present, player): Joining[] => {
      // One of n sizes, and of that size those without the player: (n - size) / n of all.
      const weight = 1 / ((players - size) * ofSize[size]);
      return present ? [] : [{ player, before, after: before + 2 ** player, weight }];
    }),
  );
  return { coalitions, share: coalitions.map(({ size }) => 1 / ofSize[size]), joinings };
}

/** A coalition as text, equal for equal ones. */
export function keyOf({ isIn }: Coalition): string {
  return isIn.map((present) => (present ? '1' : '0')).join('');
}
