import { PathwiseError, sizeOf, stridesOf, type Shape } from '@pathwise/model';
import { normalizeIndex } from './movement.ts';

/**
 * For GatherND and ScatterND: where the slices start that the index tuples (the last axis of `indices`) point to. The
 * first `batchDims` axes of data and indices are the same ones.
 */
export function tupleOffsets(
  shape: Shape,
  indices: { readonly shape: Shape; readonly data: Float64Array },
  batchDims = 0,
): Uint32Array {
  const strides = stridesOf(shape);
  const length = indices.shape.at(-1) ?? 0;
  const count = sizeOf(indices.shape.slice(0, -1));
  const batches = sizeOf(indices.shape.slice(0, batchDims));
  const perBatch = batches === 0 ? 0 : count / batches;
  const batchStride = sizeOf(shape.slice(batchDims));
  const offsets = new Uint32Array(count);
  for (let i = 0; i < count; i++) {
    let at = Math.floor(i / perBatch) * batchStride;
    for (let k = 0; k < length; k++) {
      const axis = batchDims + k;
      at += normalizeIndex(indices.data[i * length + k], shape[axis]) * strides[axis];
    }
    offsets[i] = at;
  }
  return offsets;
}

/** Shape of one value for each tuple: the axes of `indices` but the last, then those of `shape` that no index fixes. */
export function tupleShape(shape: Shape, indices: Shape, batchDims = 0): number[] {
  const length = indices.at(-1);
  if (length === undefined || batchDims >= indices.length || length + batchDims > shape.length) {
    throw new PathwiseError(
      'BAD_SHAPE',
      `indices of shape [${indices.join(',')}] (batch_dims ${batchDims}) do not fit data of shape [${shape.join(',')}]`,
    );
  }
  return [...indices.slice(0, -1), ...shape.slice(batchDims + length)];
}

/** Each offset followed by the `inner` elements from there. */
export function withInner(offsets: Uint32Array, inner: number): Uint32Array {
  if (inner === 1) return offsets;
  const at = new Uint32Array(offsets.length * inner);
  for (let i = 0, k = 0; i < offsets.length; i++) for (let j = 0; j < inner; j++) at[k++] = offsets[i] + j;
  return at;
}
