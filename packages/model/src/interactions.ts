/** What players, or features, do together; one a row. */
export interface Interactions {
  /** What the effect of a set is; each is explained on the page of its method. */
  readonly index: string;
  readonly players: number;
  /**
   * Effects of pairs, [players, players], row-major and symmetric; the diagonal has those of single players, in ascending
   * order of their ids. Output units. null where no pairs were asked for.
   */
  readonly pairs: readonly number[] | null;
  /** The strongest sets of three players and more, strongest first. */
  readonly sets: readonly PlayerSet[];
  /** One entry for each number of players, from 1 on. */
  readonly orders: readonly InteractionOrder[];
  /** Sum over all sets, those of one player included; output units. */
  readonly total: number;
}

/** An effect of several players together. */
export interface PlayerSet {
  /** Places in the ascending list of the players' ids. */
  readonly players: readonly number[];
  /** Output units. */
  readonly value: number;
}

/** All sets of so many players. */
export interface InteractionOrder {
  readonly players: number;
  readonly sets: number;
  /** Sum of the absolute effects. */
  readonly absolute: number;
  /**
   * Standard deviation that rounding of the outputs gives to one effect, at most; below four times that it is not
   * resolved. null where it is not known.
   */
  readonly noise: number | null;
}
