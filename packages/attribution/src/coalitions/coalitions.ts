import type { PlayerMap } from './players.ts';

/** Coalitions to evaluate, in an order of their own. */
export interface Coalitions {
  readonly count: number;
  /** Writes for each element of a row 1 where it keeps its value and 0 where it takes the baseline's. */
  mark(coalition: number, present: Uint8Array): void;
  /** For errors. */
  describe(coalition: number): string;
}

/** Coalitions of players, in an order of their own. */
export interface PlayerCoalitions extends Coalitions {
  readonly players: PlayerMap;
  /** Writes for each player 1 where it is present and 0 where not. */
  members(coalition: number, present: Uint8Array): void;
}
