/**
 * What is explained of one output row.
 * - `number` k: element k of the row (rank-2 outputs);
 * - `'top1'`: the largest element, chosen at the input and kept along the path;
 * - `'sum'`: the sum of the row;
 * - `{ index }`: one element of the output row, one index per non-batch axis;
 * - `{ contrast: [a, b] }`: a minus b;
 * - `{ weights }`: a weighted sum of the row, one weight an element;
 * - a function of the output row.
 */
export type TargetOfRow =
  | number
  | 'top1'
  | 'sum'
  | { readonly index: readonly number[] }
  | { readonly contrast: readonly [TargetOfRow, TargetOfRow] }
  | { readonly weights: ArrayLike<number> }
  | TargetFunction;

/** One target for all rows, or one a row of the batch. */
export type Target = TargetOfRow | { readonly perRow: readonly TargetOfRow[] };

/**
 * A differentiable function of one output row (row-major, float64): its value and its gradient
 * with respect to the row. It is evaluated at every path point.
 */
export type TargetFunction = (output: Float64Array) => { readonly value: number; readonly gradient: ArrayLike<number> };

/** `'logit'` looks through a final Softmax; the probabilities are appended where the model lacks them. */
export type OutputScale = 'logit' | 'probability' | 'log-probability';
