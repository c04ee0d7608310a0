import { felzenszwalb, type FelzenszwalbOptions } from './felzenszwalb.ts';
import { resampleCubic, resampleNearest } from './resample.ts';

export interface OverSegmentationOptions extends FelzenszwalbOptions {
  /** Pixels that every segment grows by. */
  readonly dilation: number;
}

/** The size that scales and least sizes are meant for. */
const SIDE = 224;

/**
 * The segments of an image at several scales together, as lists of pixels: they overlap, and the larger hold the smaller.
 * Found on the image of 224 x 224, then taken to the image's own size and grown.
 *
 * @param planes - one list of all pixels a colour channel, scaled to -1 to 1
 * @source Kapishnikov, Bolukbasi, Viegas, Terry 2019, arXiv:1906.02825, section 3
 */
export function overSegment(
  planes: readonly Float64Array[],
  height: number,
  width: number,
  { dilation, ...options }: OverSegmentationOptions,
): Int32Array[] {
  const [own, common] = [[height, width] as const, [SIDE, SIDE] as const];
  const resized = planes.map((plane) => resampleCubic(plane, own, common));
  return felzenszwalb(resized, SIDE, SIDE, options).flatMap((labels) =>
    pixelsOfLabels(resampleNearest(labels, common, own)).map((pixels) => dilate(pixels, height, width, dilation)),
  );
}

/** The pixels of every label that there is, in ascending order of both. */
export function pixelsOfLabels(labels: Int32Array): Int32Array[] {
  const lists: number[][] = [];
  for (const [pixel, label] of labels.entries()) (lists[label] ??= []).push(pixel);
  return lists.filter((list) => list !== undefined).map((list) => Int32Array.from(list));
}

/** All pixels within `radius` of one of the list. */
export function dilate(pixels: Int32Array, height: number, width: number, radius: number): Int32Array {
  const inside = new Uint8Array(height * width);
  for (const pixel of pixels) inside[pixel] = 1;
  const grown = inside.slice();
  const reach = Math.floor(radius);
  for (const pixel of pixels) {
    const [row, column] = [Math.floor(pixel / width), pixel % width];
    // What lies within reach of the inside of a region lies in it, or within reach of its edge.
    const isEdge =
      (row > 0 && inside[pixel - width] === 0) ||
      (row < height - 1 && inside[pixel + width] === 0) ||
      (column > 0 && inside[pixel - 1] === 0) ||
      (column < width - 1 && inside[pixel + 1] === 0);
    if (!isEdge) continue;
    for (let r = Math.max(0, row - reach); r <= Math.min(height - 1, row + reach); r++) {
      for (let c = Math.max(0, column - reach); c <= Math.min(width - 1, column + reach); c++) {
        if ((r - row) ** 2 + (c - column) ** 2 <= radius * radius) grown[r * width + c] = 1;
      }
    }
  }
  return Int32Array.from(grown.keys()).filter((pixel) => grown[pixel] === 1);
}
