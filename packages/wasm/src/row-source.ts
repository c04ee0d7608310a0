import { isFloat, PathwiseError, toFloat64, type Tensor } from '@pathwise/model';
import { rowData, rowSource, type RowSource, type TensorType } from '@pathwise/graph';

/** Integers up to here are exact as float32. */
const LARGEST_INTEGER = 2 ** 24;

/**
 * The rows of a feed for the core, which computes in float32.
 * @throws PathwiseError BAD_SHAPE; BAD_ARGUMENT for integers beyond 2^24
 */
export function coreSource(name: string, type: TensorType, feed: Tensor): RowSource {
  const source = rowSource(name, type, feed, 'wasm');
  if (!isFloat(type.dtype)) checkIntegers(name, feed);
  return source;
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
