import { argumentError, sizeOf, stridesOf, type Shape } from '@pathwise/model';

/** A row of at most so many channels in its last axis, and of more in its first, is read as channels last. */
const MOST_CHANNELS = 4;

/**
 * The weights of a region over one row of an input, row-major.
 *
 * @param region - a box row0, column0, row1, column1 (half-open, all channels) of an input with two spatial axes;
 *   otherwise one weight in [-1, 1] for each element
 * @throws PathwiseError BAD_ARGUMENT if it does not fit the row
 */
export function regionWeights(region: readonly number[], shape: Shape): Float64Array {
  const isBox = shape.length >= 2 && region.length === 4;
  if (isBox) return boxWeights(region, shape);
  const size = sizeOf(shape);
  const box = shape.length >= 2 ? 'a box row0,column0,row1,column1, or ' : '';
  if (region.length !== size || !region.every((w) => w >= -1 && w <= 1)) {
    const expected = `${box}${size} weights from -1 to 1 for a row of shape [${shape.join(',')}]`;
    throw argumentError('region', 'region', expected, region.length > 8 ? `${region.length} numbers` : [...region]);
  }
  return Float64Array.from(region);
}

function boxWeights(box: readonly number[], shape: Shape): Float64Array {
  const [row0, column0, row1, column1] = box as [number, number, number, number];
  const last = shape[shape.length - 1];
  const isChannelsLast = shape.length > 2 && last <= MOST_CHANNELS && shape[0] > MOST_CHANNELS;
  const rowAxis = isChannelsLast ? shape.length - 3 : shape.length - 2;
  const [height, width] = [shape[rowAxis], shape[rowAxis + 1]];
  const inside = (from: number, to: number, length: number): boolean => from >= 0 && from < to && to <= length;
  if (!box.every(Number.isInteger) || !inside(row0, row1, height) || !inside(column0, column1, width)) {
    const expected = `row0,column0,row1,column1 with 0 <= row0 < row1 <= ${height} and 0 <= column0 < column1 <= ${width}`;
    throw argumentError('region', 'box', expected, [...box]);
  }
  const strides = stridesOf(shape);
  return Float64Array.from({ length: sizeOf(shape) }, (_, at) => {
    const row = Math.floor(at / strides[rowAxis]) % height;
    const column = Math.floor(at / strides[rowAxis + 1]) % width;
    return Number(row >= row0 && row < row1 && column >= column0 && column < column1);
  });
}
