import { palettePosition, type Show } from './colour-range.ts';
import type { FeatureMap } from './feature-map.ts';
import { isHatched } from './hatch.ts';
import { parseHex, type Rgb } from './oklab.ts';
import type { Image } from './options.ts';
import { colourTable, divergingStops } from './palette.ts';
import { greyOf, resizeImage } from './photograph.ts';
import type { Raster } from './png.ts';
import type { Theme } from './theme.ts';

export interface HeatmapRasterOptions {
  readonly theme: Theme;
  readonly show: Show;
  readonly limit: number;
  readonly hatch: boolean;
  readonly image?: Image | undefined;
}

/** Photographs are reduced to this many pixels a side. */
const MAX_PHOTOGRAPH = 768;
/** Maps of fewer pixels a side are enlarged by whole factors, so that a pixel stays a square. */
const SMALL = 112;
const SMALL_TARGET = 448;
/** Distance of hatch lines in pixels of the raster. */
const HATCH = 6;

/** Whether the pixels of the picture are enlarged to visible squares. */
export function showsPixels(map: FeatureMap, image?: Image): boolean {
  return Math.max(map.width, map.height, image?.width ?? 0, image?.height ?? 0) < SMALL;
}

/**
 * The pixels of a heat map. On its own: the palette's colour of each value. Over a photograph: the photograph in grey
 * at 50 % on the page's colour, and over it the palette's extreme colour with |value| / limit as opacity. A map that is
 * coarser than the photograph is interpolated linearly between the middles of its cells.
 */
export function heatmapRaster(map: FeatureMap, options: HeatmapRasterOptions): Raster {
  const { theme, show, limit, image } = options;
  const size = rasterSize(map, image);
  const coarse = image !== undefined && map.width < size.width && !showsPixels(map, image);
  const hatch = options.hatch && showsPixels(map, image);
  const photograph = image && greyOf(resizeImage(image, size.width, size.height));
  const table = colourTable(theme.scheme);
  const paper = parseHex(theme.paper);
  const data = new Uint8Array(4 * size.width * size.height).fill(255);
  for (let y = 0; y < size.height; y++) {
    for (let x = 0; x < size.width; x++) {
      const p = y * size.width + x;
      const value = coarse ? interpolate(map, x, y, size) : nearest(map, x, y, size);
      const position = palettePosition(value, show, limit);
      let colour = photograph ? overPhotograph(position, photograph[p] as number, paper, theme) : table.at(position);
      if (hatch && isHatched(position) && (x + y) % HATCH === 0) colour = hatchLine(colour, theme);
      for (let c = 0; c < 3; c++) data[4 * p + c] = Math.round(colour[c] as number);
    }
  }
  return { ...size, data };
}

/** The colour of a position in the palette over a pixel of the photograph, `grey` from 0 to 255. */
export function overPhotograph(position: number, grey: number, paper: Rgb, theme: Theme): Rgb {
  const extreme = parseHex(divergingStops[theme.scheme][position < 0 ? 'negative' : 'positive'].at(-1) as string);
  const opacity = Math.abs(position);
  return paper.map(
    (c, i) => opacity * (extreme[i] as number) + (1 - opacity) * (0.5 * c + 0.5 * grey),
  ) as unknown as Rgb;
}

/** The colour of a hatch line on a negative value: a third of the way to the text's colour. */
export function hatchLine(colour: Rgb, theme: Theme): Rgb {
  const ink = parseHex(theme.text);
  return colour.map((c, i) => (2 * c + (ink[i] as number)) / 3) as unknown as Rgb;
}

function rasterSize(map: FeatureMap, image: Image | undefined): { width: number; height: number } {
  let { width, height } = map;
  if (image !== undefined && image.width > width) {
    const reduce = Math.min(1, Math.max(width, MAX_PHOTOGRAPH) / Math.max(image.width, image.height));
    width = Math.max(width, Math.round(image.width * reduce));
    height = Math.max(height, Math.round(image.height * reduce));
  }
  const factor = showsPixels(map, image) ? Math.max(1, Math.floor(SMALL_TARGET / Math.max(width, height))) : 1;
  return { width: width * factor, height: height * factor };
}

function nearest(map: FeatureMap, x: number, y: number, size: { width: number; height: number }): number {
  const u = Math.floor(((x + 0.5) * map.width) / size.width);
  const v = Math.floor(((y + 0.5) * map.height) / size.height);
  return map.values[v * map.width + u] as number;
}

// Linear between the middles of the cells (half-pixel centres), constant outside them.
function interpolate(map: FeatureMap, x: number, y: number, size: { width: number; height: number }): number {
  const u = Math.min(Math.max(((x + 0.5) * map.width) / size.width - 0.5, 0), map.width - 1);
  const v = Math.min(Math.max(((y + 0.5) * map.height) / size.height - 0.5, 0), map.height - 1);
  const [left, top] = [Math.floor(u), Math.floor(v)];
  const [right, bottom] = [Math.min(left + 1, map.width - 1), Math.min(top + 1, map.height - 1)];
  const [s, t] = [u - left, v - top];
  const at = (i: number, j: number): number => map.values[j * map.width + i] as number;
  return (
    (1 - t) * ((1 - s) * at(left, top) + s * at(right, top)) + t * ((1 - s) * at(left, bottom) + s * at(right, bottom))
  );
}
