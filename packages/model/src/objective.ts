import type { TargetFunction } from './target.ts';

/** The scalar F of each row, as a function of one tensor's row. `rows` has one entry a row, or one for all. */
export interface Objective {
  readonly tensor: string;
  readonly rows: readonly RowObjective[];
}

/** F = sum of weights * tensor row (row-major), or a function of the row. */
export type RowObjective =
  | { readonly kind: 'linear'; readonly weights: Float64Array }
  | { readonly kind: 'function'; readonly evaluate: TargetFunction };
