import type { FloatVector } from '../evaluate/points.ts';

/** Values that take the place of groups of elements of an input. */
export interface Replacement {
  /** Samples of each group and row. */
  readonly samples: number;
  /** Of each sample; sum 1. */
  readonly weights: readonly number[];
  /** Drawn at random: the mean has a standard error. */
  readonly drawn: boolean;
  /** Overwrites the elements of a group in a row, which holds the input. */
  replace(group: number, row: number, sample: number, values: FloatVector): void;
}
