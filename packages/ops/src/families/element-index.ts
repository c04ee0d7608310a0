import { stridesOf } from '@pathwise/model';
import type { Value } from '@pathwise/graph';
import { stridedIndex } from '../broadcast.ts';
import { normalizeIndex } from './movement.ts';

/**
 * For GatherElements and ScatterElements: the position in `shape` that each index points to, its own coordinates
 * with the one of `axis` replaced by the index.
 */
export function elementIndex(shape: readonly number[], indices: Value, axis: number): Uint32Array {
  const strides = stridesOf(shape);
  const at = stridedIndex(indices.shape, strides.with(axis, 0));
  for (let i = 0; i < at.length; i++) at[i] += normalizeIndex(indices.data[i], shape[axis]) * strides[axis];
  return at;
}
