import type { DifferentiableModel, MovingTensor, PathBundle } from '@pathwise/model';

/** Straight paths of a model. */
export interface StraightPaths extends PathBundle {
  readonly model: DifferentiableModel;
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
