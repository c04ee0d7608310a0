import type { DifferentiableModel, Feeds, Objective, Shape } from '@pathwise/model';

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

/** Straight paths, each gamma(alpha) = (1 - alpha) from + alpha to in all moving tensors together, and the scalar F on them. */
export interface StraightPaths {
  readonly model: DifferentiableModel;
  readonly count: number;
  readonly moving: readonly MovingTensor[];
  /** What stays; one row, or one a path. */
  readonly fixed: Feeds;
  /** One row objective, or one a path. */
  readonly objective: Objective;
}

/** A place on one of the paths. */
export interface PathPoint {
  readonly path: number;
  readonly alpha: number;
}

/** Exact at both ends: (1 - alpha) from + alpha to; from + alpha (to - from) would miss `to` in floating point. */
export function pointOnPath(from: number, to: number, alpha: number): number {
  return (1 - alpha) * from + alpha * to;
}

/** Number of elements that attributions of one path refer to. */
export function featureCount({ moving }: StraightPaths): number {
  return differentiated(moving).reduce((sum, { size }) => sum + size, 0);
}

export function differentiated(moving: readonly MovingTensor[]): readonly MovingTensor[] {
  return moving.filter(({ differentiate }) => differentiate);
}

/** to - from of the differentiated tensors of one path, one after another. */
export function displacement({ moving }: StraightPaths, path: number): Float64Array {
  const tensors = differentiated(moving);
  const out = new Float64Array(tensors.reduce((sum, { size }) => sum + size, 0));
  let at = 0;
  for (const { from, to, size } of tensors) {
    for (let i = path * size; i < (path + 1) * size; i++) out[at++] = to[i] - from[i];
  }
  return out;
}

/** A copy of one end of a path: all moving tensors one after another. */
export function pathEnd({ moving }: StraightPaths, path: number, end: 'from' | 'to'): Float64Array {
  const out = new Float64Array(moving.reduce((sum, { size }) => sum + size, 0));
  let at = 0;
  for (const { size, ...t } of moving) {
    out.set(t[end].subarray(path * size, (path + 1) * size), at);
    at += size;
  }
  return out;
}

/** Do all moving tensors of this path stay where they are? */
export function isStill({ moving }: StraightPaths, path: number): boolean {
  return moving.every(({ from, to, size }) => {
    for (let i = path * size; i < (path + 1) * size; i++) if (from[i] !== to[i]) return false;
    return true;
  });
}
