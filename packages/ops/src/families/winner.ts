import { int64, sizeOf } from '@pathwise/model';
import type { OpBuilder } from '../builder.ts';

/**
 * 1 at the first largest (ArgMax) or smallest (ArgMin) element of each group of x along `axes` (ascending), in scan
 * order; 0 elsewhere. Of the type and shape of x.
 */
export function firstWinner(b: OpBuilder, x: string, axes: readonly number[], op: 'ArgMax' | 'ArgMin'): string {
  const shape = b.shape(x);
  const kept = shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  // Neighbouring axes are one axis after a Reshape; others are brought together at the end first.
  const [first, last] = [axes[0] ?? shape.length, axes.at(-1) ?? shape.length - 1];
  const together = last - first + 1 === axes.length;
  const perm = [...kept, ...axes];
  const moved = together ? x : b.transpose(x, perm);
  const count = sizeOf(axes.map((axis) => shape[axis]));
  const outer = sizeOf(together ? shape.slice(0, first) : kept.map((axis) => shape[axis]));
  const inner = together ? sizeOf(shape.slice(last + 1)) : 1;
  const index = b.emit(op, [b.reshape(moved, [outer, count, inner])], { axis: 1 });
  const places = int64(
    [count, 1],
    Array.from({ length: count }, (_, k) => k),
  );
  const hit = b.reshape(b.castLike(b.equal(index, places), x), b.shape(moved));
  return together ? hit : b.transpose(hit, inverse(perm));
}

function inverse(perm: readonly number[]): number[] {
  return perm.map((_, axis) => perm.indexOf(axis));
}
