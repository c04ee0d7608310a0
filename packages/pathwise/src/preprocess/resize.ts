import { argumentError } from '@pathwise/model';
import type { Image } from '@pathwise/viz';
import type { ResizeMode } from './recipe.ts';

/** Pixels as numbers from 0 to 255, row by row, 1 or 3 interleaved channels. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly data: Float64Array;
}

/**
 * Pixels of an image; transparency is left out.
 * @throws PathwiseError BAD_ARGUMENT when the data do not fill the size with 1, 3 or 4 channels
 */
export function pixelsOf({ width, height, data }: Image): Pixels {
  const count = width * height;
  const stored = data.length / count;
  if (!Number.isInteger(width) || !Number.isInteger(height) || count < 1 || ![1, 3, 4].includes(stored)) {
    throw argumentError(
      'preprocess',
      'image.data',
      `1, 3 or 4 values for each of ${width} x ${height} pixels`,
      data.length,
    );
  }
  const channels = stored === 1 ? 1 : 3;
  const out = new Float64Array(count * channels);
  for (let p = 0; p < count; p++) {
    for (let c = 0; c < channels; c++) out[p * channels + c] = data[p * stored + c] as number;
  }
  return { width, height, channels, data: out };
}

/**
 * Bilinear interpolation with half-pixel centres: pixel i of the result reads the source at (i + 0.5) * ratio - 0.5;
 * places beyond the border read the border.
 */
export function resize(source: Pixels, width: number, height: number, mode: ResizeMode): Pixels {
  const window = mode === 'crop' ? centredWindow(source, width / height) : { x: 0, y: 0, ...sizeOfPixels(source) };
  const columns = taps(window.x, window.width, width, source.width);
  const rows = taps(window.y, window.height, height, source.height);
  const { channels } = source;
  const data = new Float64Array(width * height * channels);
  const at = (x: number, y: number, c: number): number => source.data[(y * source.width + x) * channels + c] as number;
  let next = 0;
  for (const { low: top, high: bottom, weight: v } of rows) {
    for (const { low: left, high: right, weight: u } of columns) {
      for (let c = 0; c < channels; c++) {
        const above = (1 - u) * at(left, top, c) + u * at(right, top, c);
        const below = (1 - u) * at(left, bottom, c) + u * at(right, bottom, c);
        data[next++] = (1 - v) * above + v * below;
      }
    }
  }
  return { width, height, channels, data };
}

/** The same pixels in 8 bits, for pictures. */
export function toImage({ width, height, data }: Pixels): Image {
  return { width, height, data: Uint8ClampedArray.from(data) };
}

function sizeOfPixels({ width, height }: Pixels): { width: number; height: number } {
  return { width, height };
}

/** The largest centred part of the proportions asked for; may start between two pixels. */
function centredWindow(
  { width, height }: Pixels,
  ratio: number,
): { x: number; y: number; width: number; height: number } {
  const part = width / height > ratio ? { width: height * ratio, height } : { width, height: width / ratio };
  return { x: (width - part.width) / 2, y: (height - part.height) / 2, ...part };
}

/** The two neighbours that each place of an axis reads, and the weight of the second. */
interface Tap {
  readonly low: number;
  readonly high: number;
  readonly weight: number;
}

function taps(start: number, length: number, count: number, size: number): Tap[] {
  return Array.from({ length: count }, (_, i) => {
    const place = Math.min(Math.max(start + ((i + 0.5) * length) / count - 0.5, 0), size - 1);
    const low = Math.floor(place);
    return { low, high: Math.min(low + 1, size - 1), weight: place - low };
  });
}
