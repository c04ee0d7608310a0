import type { Allocation, PairShares } from '@pathwise/model';
import { bitCount, membersOf } from '../coalitions/bits.ts';
import { effectsOfGame, type Effects } from '../interactions/effects.ts';

/** A method at copies of a row with players at the baseline. */
export interface Measured {
  readonly method: string;
  readonly players: number;
  /** The copies, by the players that keep their values: sets with all their subsets, ascending. */
  readonly masks: readonly number[];
  /** F at a copy, and at the row. */
  readonly v: (mask: number) => number;
  /** What each player got at a copy, and at the row. */
  readonly attributions: (mask: number) => Float64Array;
  /** Rounding of one value of F. */
  readonly rounding: number;
}

export interface MeasureOptions {
  /** Effects that are listed with what each player got of them. */
  readonly keep: number;
  /** Shares up to this are rounding, quadrature and sampling. */
  readonly limit: number;
}

/** An effect is resolved above so many times what rounding makes of it. */
const RESOLVED = 4;

/**
 * Shares of attributions that are misplaced, and the parts of each effect: the Moebius transform of the attributions over
 * the copies, c_i(S) = sum over T in S of (-1)^(|S| - |T|) A_i(T). For methods that are linear in F these are the attributions
 * of the pure effect of S.
 */
export function measureAllocation(measured: Measured, { keep, limit }: MeasureOptions): Allocation {
  const { masks, v, players, attributions, rounding, method } = measured;
  const total = (mask: number): number => attributions(mask).reduce((a, b) => a + b, 0);
  let [all, misplaced, changes, missed] = [0, 0, 0, 0];
  for (const mask of masks) {
    for (const [player, value] of attributions(mask).entries()) {
      all += Math.abs(value);
      if (((mask >>> player) & 1) === 0) misplaced += Math.abs(value);
    }
    changes += Math.abs(v(mask) - v(0));
    missed += Math.abs(total(mask) - (v(mask) - v(0)));
  }
  const everyone = 2 ** players - 1;
  const change = v(everyone) - v(0);
  const [unrelated, incomplete] = [share(misplaced, all), share(missed, changes)];
  const effects = effectsOfGame(v, masks, players);
  const ofPlayer = Array.from({ length: players }, (_, player) =>
    effectsOfGame((mask) => attributions(mask)[player], masks, players),
  );
  const resolved = resolvedSets(effects, rounding);
  return {
    method,
    copies: masks.includes(everyone) ? masks.length : masks.length + 1,
    gap: Math.abs(change) > RESOLVED * rounding ? total(everyone) / change - 1 : null,
    unrelated,
    incomplete,
    verdict: { related: unrelated <= limit, complete: incomplete <= limit },
    parts: resolved.slice(0, keep).map((mask) => ({
      players: membersOf(mask),
      value: effects.of(mask),
      parts: ofPlayer.map(({ of }) => of(mask)),
    })),
    pairs: pairShares(resolved, effects, ofPlayer),
  };
}

/** 0 of 0 is 0. */
function share(part: number, whole: number): number {
  return whole === 0 ? (part === 0 ? 0 : Number.MAX_VALUE) : part / whole;
}

/** Effects above rounding, strongest first. */
function resolvedSets({ masks, of }: Effects, rounding: number): number[] {
  return masks
    .filter((mask) => Math.abs(of(mask)) > RESOLVED * 2 ** (bitCount(mask) / 2) * rounding)
    .sort((a, b) => Math.abs(of(b)) - Math.abs(of(a)) || a - b);
}

function pairShares(resolved: readonly number[], effects: Effects, ofPlayer: readonly Effects[]): PairShares | null {
  const pairs = resolved.filter((mask) => bitCount(mask) === 2);
  if (pairs.length === 0) return null;
  const shares = pairs.flatMap((mask) =>
    membersOf(mask).map((player) => ({ share: ofPlayer[player].of(mask) / effects.of(mask), mask })),
  );
  const weight = (mask: number): number => Math.abs(effects.of(mask));
  const sorted = shares.map((own) => own.share).sort((a, b) => a - b);
  const quantile = (q: number): number => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))];
  const whole = shares.reduce((sum, { mask }) => sum + weight(mask), 0);
  return {
    pairs: pairs.length,
    quantiles: [quantile(0.1), quantile(0.5), quantile(0.9)],
    spread: shares.reduce((sum, own) => sum + (weight(own.mask) / whole) * Math.abs(own.share - 0.5), 0),
  };
}
