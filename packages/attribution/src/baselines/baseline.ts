import type { Tensor } from '@pathwise/model';

/** What lies beyond the border when an image is blurred. */
export type Border = 'reflect' | 'zero' | 'nearest';

/**
 * The "absent" input:
 * - a number, everywhere; `'zeros'`; `{ perChannel }`, one number per index of the row's first axis;
 * - a tensor: one row (shared) or one a row; for token ids an integer tensor of ids, or a float tensor of the
 *   attributed tensor's shape;
 * - `{ id }`: one token id at every place; `keep` lists ids that are their own baseline;
 * - `'mean'`: of the row, per channel, over the spatial axes; `'blur:S'`: Gaussian blur over the spatial axes,
 *   sigma S elements; `'max-distance'`: the far end of the range, element by element;
 * - `'uniform:N'`, `'gaussian:N'`: N random baselines; `{ set }`: several, shared or (with `perRow`) each row's own.
 *   Attributions are then the weighted mean over the baselines.
 */
export type Baseline =
  | number
  | 'zeros'
  | 'mean'
  | 'max-distance'
  | `blur:${string}`
  | `uniform:${string}`
  | `gaussian:${string}`
  | { readonly perChannel: readonly number[] }
  | { readonly id: number; readonly keep?: readonly number[] }
  | { readonly blur: number; readonly border?: Border }
  | { readonly uniform: number }
  | { readonly gaussian: number; readonly scale?: number; readonly clip?: boolean }
  | { readonly set: Tensor; readonly weights?: readonly number[]; readonly perRow?: boolean }
  | Tensor;

/** A baseline for each attributed input, by the input's name; those that are absent have zeros. */
export interface PerInput {
  readonly perInput: Readonly<Record<string, Baseline>>;
}
