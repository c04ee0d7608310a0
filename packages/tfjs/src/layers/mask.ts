import { elementWise } from '../layout/element-wise.ts';
import type { LayoutBuilder, LayoutValue } from '../layout/layout-builder.ts';

/** Steps that count in all masks; null when there is none. */
export function conjunction(l: LayoutBuilder, masks: readonly (LayoutValue | null)[]): LayoutValue | null {
  const given = masks.filter((mask) => mask !== null);
  const [first] = given;
  if (first === undefined) return null;
  return given.slice(1).reduce((all, mask) => elementWise(l, 'And', [all, mask]), first);
}

/** A mask [rows, steps] with axes of size 1 behind, to stand beside a tensor of `rank` axes. */
export function alongside(l: LayoutBuilder, mask: LayoutValue, rank: number): LayoutValue {
  return l.value(l.b.reshape(mask.ref, [...mask.shape, ...new Array<number>(rank - mask.shape.length).fill(1)]));
}
