import { isFloat, PathwiseError, sameShape, sizeOf, toFloat64, type Tensor } from '@pathwise/model';
import type { TensorType } from '@pathwise/graph';

/** Integers up to here are exact as float32. */
const LARGEST_INTEGER = 2 ** 24;

/** Rows of a fed tensor, one after the other; a single one serves all. */
export interface RowSource {
  readonly name: string;
  readonly rows: number;
  readonly size: number;
  readonly data: Tensor['data'];
}

/**
 * The rows of a feed. One of exactly the graph's shape is one row, whatever its first size.
 * @throws PathwiseError BAD_SHAPE; BAD_ARGUMENT for integers beyond 2^24
 */
export function rowSource(name: string, { shape, dtype }: TensorType, feed: Tensor): RowSource {
  const whole = sameShape(feed.shape, shape);
  const row = whole || shape[0] === 1 ? [1, ...feed.shape.slice(1)] : feed.shape.slice(1);
  if (!whole && !sameShape(row, shape)) {
    const expected = `rows of shape [${shape.join(',')}] for "${name}", got [${feed.shape.join(',')}]`;
    throw new PathwiseError('BAD_SHAPE', `wasm engine: expected ${expected}`, { tensor: name });
  }
  if (!isFloat(dtype)) checkIntegers(name, feed);
  return { name, rows: whole ? 1 : (feed.shape[0] ?? 1), size: sizeOf(shape), data: feed.data };
}

/** Rows of all sources together. */
export function rowCount(sources: readonly RowSource[]): number {
  let rows = 1;
  for (const source of sources) {
    if (source.rows === 1 || source.rows === rows) continue;
    if (rows !== 1) {
      const message = `feed "${source.name}" has ${source.rows} rows, others have ${rows}`;
      throw new PathwiseError('BAD_SHAPE', message, { tensor: source.name });
    }
    rows = source.rows;
  }
  return rows;
}

/** One row as it is. */
export function rowData({ rows, size, data }: RowSource, row: number): Tensor['data'] {
  const start = (rows === 1 ? 0 : row) * size;
  return data.subarray(start, start + size);
}

/** Copies one row to `target`. */
export function copyRow(source: RowSource, row: number, target: Float32Array): void {
  const values = rowData(source, row);
  target.set(values instanceof BigInt64Array || values instanceof BigUint64Array ? toFloat64(values) : values);
}

function checkIntegers(name: string, { data }: Tensor): void {
  for (const value of data) {
    if (Math.abs(Number(value)) > LARGEST_INTEGER) {
      const message = `wasm engine: "${name}" holds the integer ${value}; beyond 2^24 they are not exact here. Use the reference engine`;
      throw new PathwiseError('BAD_ARGUMENT', message, { tensor: name });
    }
  }
}
