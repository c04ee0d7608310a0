import type { PlayerSet } from './interactions.ts';

/**
 * How a method allots what sets of players do, measured at a row and at its copies with players at the baseline.
 * Gap and both shares are 0 for a method that gives every effect to those who take part in it, once and in full.
 */
export interface Allocation {
  /** Id of the method that was measured. */
  readonly method: string;
  /** Copies that were measured, the row itself included. */
  readonly copies: number;
  /** Sum of the attributions / (F(x) - F(x')) - 1; null where the change is within rounding. */
  readonly gap: number | null;
  /** Share of all attributions that players at the baseline got. */
  readonly unrelated: number;
  /** What the sums of attributions miss of the changes of F, relative to these. */
  readonly incomplete: number;
  /** Whether what is misplaced and missed stays within the limit that was asked for. */
  readonly verdict: { readonly related: boolean; readonly complete: boolean };
  /** The strongest effects above rounding, and what of them each player got. */
  readonly parts: readonly AllottedSet[];
  /** Of the pairs above rounding; null where there are none. */
  readonly pairs: PairShares | null;
}

/** An effect of some players together (their Harsanyi dividend), and how it was allotted. */
export interface AllottedSet extends PlayerSet {
  /** What each player of the game got of it, in the order of their ids; output units. */
  readonly parts: readonly number[];
}

/** How pairs are split: what a player of a pair got of the pair's effect; 1/2 for a method that looks at nothing else. */
export interface PairShares {
  readonly pairs: number;
  /** 10, 50 and 90 % quantiles of the shares. */
  readonly quantiles: readonly [number, number, number];
  /** Mean of |share - 1/2|, weighted by the size of the effects. */
  readonly spread: number;
}
