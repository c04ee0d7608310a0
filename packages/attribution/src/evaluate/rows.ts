import { sizeOf, type Tensor, type TensorData } from '@pathwise/model';

/** Rows of a tensor in the order given. */
export function gatherRows(t: Tensor, rows: readonly number[]): Tensor {
  const size = sizeOf(t.shape.slice(1));
  const out = emptyLike(t.data, rows.length * size);
  for (const [i, row] of rows.entries()) copyInto(out, t.data.subarray(row * size, (row + 1) * size), i * size);
  return { dtype: t.dtype, shape: [rows.length, ...t.shape.slice(1)], data: out };
}

/** Tensors of the same row shape, one after another. */
export function concatRows(parts: readonly Tensor[]): Tensor {
  const [first] = parts as [Tensor];
  const out = emptyLike(
    first.data,
    parts.reduce((length, { data }) => length + data.length, 0),
  );
  let at = 0;
  for (const { data } of parts) {
    copyInto(out, data, at);
    at += data.length;
  }
  const rows = parts.reduce((sum, { shape }) => sum + (shape[0] as number), 0);
  return { dtype: first.dtype, shape: [rows, ...first.shape.slice(1)], data: out };
}

function emptyLike(data: TensorData, length: number): TensorData {
  return new (data.constructor as new (length: number) => TensorData)(length);
}

/** Both hold the same element type. */
function copyInto(out: TensorData, data: TensorData, at: number): void {
  (out as Float64Array).set(data as Float64Array, at);
}
