import { PathwiseError, sizeOf, type Shape } from '@pathwise/model';

/** What a reader may take, whatever a file says of itself. */
export interface FileLimits {
  /** Elements of all arrays of a file together. */
  readonly maxElements: number;
  /** Pixels of an image. */
  readonly maxPixels: number;
}

export const DEFAULT_LIMITS: FileLimits = { maxElements: 2 ** 27, maxPixels: 2.5e7 };

/** Elements of a shape read from a file, checked before memory is taken. */
export function checkedSize(file: string, shape: Shape, { maxElements }: FileLimits, offset?: number): number {
  // A product in float64 cannot overflow to a small number: large ones stay large.
  const size = sizeOf(shape);
  if (!(size <= maxElements)) {
    throw new PathwiseError(
      'LIMIT_EXCEEDED',
      `${file}: an array of shape [${shape.join(',')}] has more than the ${maxElements} elements that are allowed`,
      { file, ...(offset !== undefined && { offset }) },
    );
  }
  return size;
}

/** Pixels of an image, checked before memory is taken. */
export function checkedPixels(file: string, width: number, height: number, { maxPixels }: FileLimits): number {
  const pixels = width * height;
  if (!(pixels <= maxPixels)) {
    throw new PathwiseError(
      'LIMIT_EXCEEDED',
      `${file}: an image of ${width} x ${height} pixels is larger than the ${maxPixels} pixels that are allowed. ` +
        'Reduce it first',
      { file },
    );
  }
  return pixels;
}
