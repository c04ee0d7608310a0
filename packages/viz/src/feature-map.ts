import { shapeError } from '@pathwise/model';
import type { RowOfAttribution } from './select-row.ts';

export type Layout = 'nchw' | 'nhwc';
/** How the channels of a pixel become one number: their sum, or the channel of largest absolute value with its sign. */
export type ReduceChannels = 'sum' | 'max-abs';

/** One number a pixel, row by row from the top left. */
export interface FeatureMap {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly values: Float64Array;
}

/**
 * Reduces the channels of an image's attributions.
 *
 * @param row - shape [c,h,w] or, with layout `nhwc`, [h,w,c]; [h,w] has one channel
 * @throws PathwiseError BAD_SHAPE for another rank
 */
export function featureMap(
  row: RowOfAttribution,
  { layout = 'nchw', reduce = 'sum' }: { readonly layout?: Layout; readonly reduce?: ReduceChannels } = {},
): FeatureMap {
  const { shape } = row;
  if (shape.length !== 2 && shape.length !== 3) {
    throw shapeError('heatmap', row.tensor, '[rows,c,h,w], [rows,h,w,c] or [rows,h,w]', ['rows', ...shape]);
  }
  const last = layout === 'nhwc';
  const [channels, height, width] = (
    shape.length === 2 ? [1, ...shape] : last ? [shape[2], shape[0], shape[1]] : shape
  ) as [number, number, number];
  const pixels = width * height;
  const values = new Float64Array(pixels);
  for (let p = 0; p < pixels; p++) {
    let sum = 0;
    let extreme = 0;
    for (let c = 0; c < channels; c++) {
      const v = row.values[last ? p * channels + c : c * pixels + p] as number;
      sum += v;
      if (Math.abs(v) > Math.abs(extreme)) extreme = v;
    }
    values[p] = reduce === 'sum' ? sum : extreme;
  }
  return { width, height, channels, values };
}

/** The sum of a map over one of nine equal parts of the picture. */
export interface Region {
  readonly name: string;
  readonly sum: number;
}

/** Sums over the nine regions, in reading order; regions without a pixel are left out. */
export function regionsOf({ width, height, values }: FeatureMap): Region[] {
  const names = REGIONS.map((name) => ({ name, sum: 0, pixels: 0 }));
  for (let y = 0; y < height; y++) {
    const band = thirdOf(y, height);
    for (let x = 0; x < width; x++) {
      const region = names[3 * band + thirdOf(x, width)] as { sum: number; pixels: number };
      region.sum += values[y * width + x] as number;
      region.pixels++;
    }
  }
  return names.filter((r) => r.pixels > 0).map(({ name, sum }) => ({ name, sum }));
}

const REGIONS = [
  'top left',
  'top',
  'top right',
  'left',
  'centre',
  'right',
  'bottom left',
  'bottom',
  'bottom right',
] as const;

// By the middle of the pixel: a single pixel is the centre.
function thirdOf(index: number, size: number): number {
  return Math.min(2, Math.floor((3 * (index + 0.5)) / size));
}
