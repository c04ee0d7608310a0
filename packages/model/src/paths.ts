import type { Feeds } from './feeds.ts';
import type { Objective } from './objective.ts';
import type { Shape } from './tensor.ts';

/** A tensor that moves from one value to another; `from` and `to` hold one row a path. */
export interface MovingTensor {
  readonly name: string;
  /** Without the axis that counts paths. */
  readonly shape: Shape;
  readonly size: number;
  readonly from: Float64Array;
  readonly to: Float64Array;
  /** Differentiate by this tensor (otherwise it only moves along). */
  readonly differentiate: boolean;
}

/** A place on one of the paths. */
export interface PathPoint {
  readonly path: number;
  readonly alpha: number;
}

/** Straight paths, each gamma(alpha) = (1 - alpha) from + alpha to in all moving tensors together, and the scalar F on them. */
export interface PathBundle {
  readonly count: number;
  readonly moving: readonly MovingTensor[];
  /** What stays; one row, or one a path. */
  readonly fixed: Feeds;
  /** One row objective, or one a path. */
  readonly objective: Objective;
}

/** A gradient of all differentiated tensors one after another. It is only valid during the visit: copy to keep it. */
export type GradientVector = Float64Array | Float32Array;

/** Points of paths whose gradients are wanted: each by itself, or weighted and summed for each path. */
export interface PathJob {
  /** Engines may keep what they made of it while they are given the same object: it does not change. */
  readonly paths: PathBundle;
  /** For sums the points of a path follow each other. */
  readonly points: readonly PathPoint[];
  /**
   * Lists of weights, one weight a point: the gradients of each path are summed once a list, in float64, 8 points of a
   * path first and then these blocks in order. null: nothing is summed.
   */
  readonly weights: readonly Float64Array[] | null;
  /** F and the gradient of each point, in order; with sums in any order, and the vector is null. */
  visit(index: number, output: number, gradient: GradientVector | null): void;
  /**
   * What the caller has to compute in this thread beside the points. It is called once and waited for: when other
   * threads leave this one time for it, else first.
   */
  readonly meanwhile?: (() => Promise<void>) | undefined;
}

/** By path: the sums of its gradients, one a list of weights, all differentiated tensors one after another. */
export type PathSums = ReadonlyMap<number, readonly Float64Array[]>;
