import type { Warning } from '@pathwise/model';
import type { EvaluationOptions } from './points.ts';
import type { StraightPaths } from '../path.ts';
import type { QuadratureRule } from '../quadrature/rules.ts';

/** How to integrate along the paths. */
export type Integration =
  | { readonly kind: 'fixed'; readonly rule: QuadratureRule; readonly steps: number }
  | { readonly kind: 'adaptive'; readonly tolerance: number; readonly maxEvaluations: number }
  | { readonly kind: 'exact' };

export interface IntegrationOptions extends EvaluationOptions {
  /** Standard errors per feature (adaptive only). */
  readonly standardErrors?: boolean;
  /** Evaluate nothing on paths that do not move: their attributions are 0. Default true. */
  readonly skipStill?: boolean;
  /** Called after each round of adaptive refinement that another follows, where all paths are refined together. */
  readonly onRound?: ((integral: PathIntegral) => void) | undefined;
}

/** F at the ends of every path. */
export interface PathEnds {
  readonly from: Float64Array;
  readonly to: Float64Array;
}

/**
 * F at the ends of every path, evaluated once, when it is first asked for: on paths with the same ends, which may begin
 * behind the affine prefix.
 */
export type LateEnds = (on: StraightPaths) => Promise<PathEnds>;

/** Mean gradients along paths; every list has one entry a path. */
export interface PathIntegral {
  /** Integral of dF over alpha in [0, 1], all differentiated tensors one after another. */
  readonly gradients: readonly Float64Array[];
  /** Stated L1 error of the attributions relative to their L1 norm; null: no estimate. */
  readonly errors: readonly number[] | null;
  readonly met: readonly boolean[] | null;
  /** Largest |F(b) - F(a)| between neighbouring nodes, ends included; 0 where the rule has too few nodes to tell. */
  readonly largestChange: readonly number[];
  /** Per feature, of the attributions. */
  readonly standardErrors?: readonly Float64Array[];
  readonly warnings: readonly Warning[];
}

/** Sum of absolute values. */
export function l1(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += Math.abs(values[i]);
  return sum;
}

/** Sum of absolute values of the product of two vectors. */
export function l1OfProduct(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += Math.abs(a[i] * b[i]);
  return sum;
}

/** Scalar product. */
export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/** error / size of a stated error; 0 for 0 / 0. */
export function relativeError(error: number, size: number): number {
  if (error === 0) return 0;
  return size === 0 ? Number.MAX_VALUE : error / size;
}
