import { PathwiseError, sameShape, sizeOf, type Shape, type Tensor } from '@pathwise/model';
import type { TensorType } from './graph.ts';

/** The rows of a fed tensor, one after the other in `data`. */
export interface RowSource {
  readonly name: string;
  readonly rows: number;
  /** Elements of a row. */
  readonly size: number;
  readonly data: Tensor['data'];
}

/**
 * The rows of a feed; one of exactly the graph's shape is one row, whatever its first size.
 * @throws PathwiseError BAD_SHAPE where rows do not have the graph's shape
 */
export function rowSource(name: string, { shape }: TensorType, feed: Tensor, engine: string): RowSource {
  const whole = sameShape(feed.shape, shape);
  const row = shape[0] === 1 ? [1, ...feed.shape.slice(1)] : feed.shape.slice(1);
  if (!whole && !sameShape(row, shape)) {
    const expected = `rows of shape [${shape.join(',')}] for "${name}", got [${feed.shape.join(',')}]`;
    throw new PathwiseError('BAD_SHAPE', `${engine} engine: expected ${expected}`, { tensor: name });
  }
  return { name, rows: whole ? 1 : (feed.shape[0] ?? 1), size: sizeOf(shape), data: feed.data };
}

/**
 * How many rows there are: a feed with one serves all.
 * @throws PathwiseError BAD_SHAPE where feeds differ
 */
export function countRows(sources: readonly RowSource[]): number {
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

/** Elements of one row. */
export function rowData({ rows, size, data }: RowSource, row: number): Tensor['data'] {
  const start = (rows === 1 ? 0 : row) * size;
  return data.subarray(start, start + size) as Tensor['data'];
}

/** The shape of so many rows of a tensor: one whose first size is not 1 gets a new leading axis. */
export function stackedShape({ shape }: TensorType, rows: number): Shape {
  return shape[0] === 1 ? [rows, ...shape.slice(1)] : [rows, ...shape];
}
