import { PathwiseError } from '@pathwise/model';

/** data[index[i]] for every i. */
export function take(data: Float64Array, index: Uint32Array): Float64Array {
  const out = new Float64Array(index.length);
  for (let i = 0; i < out.length; i++) out[i] = data[index[i]];
  return out;
}

/**
 * An index in [-size, size) as one in [0, size).
 * @throws PathwiseError BAD_ARGUMENT if it is out of range.
 */
export function normalizeIndex(index: number, size: number): number {
  if (!(index >= -size && index < size)) {
    throw new PathwiseError(
      'BAD_ARGUMENT',
      `index ${index} is outside of [${-size}, ${size - 1}], the range of the indexed axis`,
    );
  }
  return index < 0 ? index + size : index;
}
