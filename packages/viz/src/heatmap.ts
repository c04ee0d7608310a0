import { shapeError, type Attribution } from '@pathwise/model';
import { colourBar } from './colour-bar.ts';
import { colourRange, type ColourRange, type Show } from './colour-range.ts';
import { altBeginning, headingOf, unitName } from './describe.ts';
import { featureMap, regionsOf, type FeatureMap, type Layout, type ReduceChannels } from './feature-map.ts';
import { formatPercent, formatSigned } from './format-number.ts';
import { heatmapRaster, overPhotograph, showsPixels } from './heatmap-raster.ts';
import { parseHex } from './oklab.ts';
import type { Image, PictureOptions } from './options.ts';
import { frame, type DataTable, type Picture } from './picture.ts';
import { channelsOf } from './photograph.ts';
import { pngDataUrl } from './png.ts';
import { selectRow } from './select-row.ts';
import { themes, type Theme } from './theme.ts';
import { element } from './xml.ts';

export interface HeatmapOptions extends PictureOptions {
  /** The photograph under the map, of any size with the same framing. Without it the map stands alone. */
  readonly image?: Image;
  /** false: the map stands alone though there is an image (default true). */
  readonly overlay?: boolean;
  /** Axes of the attributions (default `nchw`). */
  readonly layout?: Layout;
  /** How the channels of a pixel become one number (default `sum`). */
  readonly reduce?: ReduceChannels;
  /** A box to outline, in elements of the map: first row, first column, and the row and column after the last. */
  readonly region?: readonly [row0: number, column0: number, row1: number, column1: number];
}

/** Longest side of the map in CSS pixels. */
const MAP_SIDE = 448;
/** Half a number of the legend. */
const TICK_ROOM = 6;

/**
 * A heat map of the attributions of an image, with its legend in units of the output.
 *
 * Zero is always the middle of the palette and the range is symmetric; what was clipped is stated. Over a photograph
 * the opacity shows |value|. Small images are enlarged so that pixels stay squares.
 *
 * @param attribution - attributed tensor of shape [rows,c,h,w], [rows,h,w,c] or [rows,h,w]
 * @throws PathwiseError BAD_SHAPE for another rank or an image of another framing; NON_FINITE for NaN or infinities
 */
export function heatmap(attribution: Attribution, options: HeatmapOptions = {}): Picture {
  const { scheme = 'light', show = 'signed', hatch = true } = options;
  // All channels of a group carry its value: their sum would multiply it.
  const reduce = options.reduce ?? (attribution.players === undefined ? 'sum' : 'max-abs');
  const theme = themes[scheme];
  const row = selectRow(attribution, options);
  const map = featureMap(row, { layout: options.layout ?? 'nchw', reduce });
  const image = options.overlay === false ? undefined : options.image;
  if (image !== undefined) checkFraming(map, image, row.tensor);
  const range = colourRange(map.values, options);
  const pixels = showsPixels(map, image);
  const raster = heatmapRaster(map, { theme, show, limit: range.limit, hatch, image });
  const side = pixels ? 1 : MAP_SIDE / Math.max(raster.width, raster.height);
  const [width, height] = [raster.width * side, raster.height * side];
  const unit = unitName(attribution, row.row);
  // Over a photograph the legend shows the colours over its middle grey.
  const paper = parseHex(theme.paper);
  const bar = colourBar({
    theme,
    show,
    limit: range.limit,
    hatch: hatch && pixels,
    length: Math.max(Math.min(height - 2 * TICK_ROOM, 280), 120),
    orientation: 'vertical',
    unit,
    ...(image && { colourOf: (p: number) => overPhotograph(p, 128, paper, theme) }),
  });
  const gap = 18;
  // Room for the number at the upper end.
  const barTop = Math.max(TICK_ROOM, (height - bar.height) / 2);
  const body = [
    element('image', {
      width,
      height,
      href: pngDataUrl(raster),
      'image-rendering': pixels ? 'optimizeSpeed' : undefined,
      preserveAspectRatio: 'none',
    }),
    element('rect', { x: 0.5, y: 0.5, width: width - 1, height: height - 1, fill: 'none', stroke: theme.grid }),
    options.region === undefined
      ? ''
      : outline(options.region, { across: width / map.width, down: height / map.height }, theme),
    element('g', { transform: `translate(${width + gap} ${barTop})` }, bar.markup),
  ].join('');
  return frame({
    theme,
    body,
    bodyWidth: width + gap + bar.width,
    bodyHeight: Math.max(height, bar.height + 2 * TICK_ROOM),
    heading: options.heading === false ? undefined : headingOf(attribution, row.row, options),
    notes: notesOf(map, range, show, reduce, hatch && pixels),
    alt: `${altBeginning(attribution, row.row, options.labels)} ${regionSentence(map, range)}`,
    table: regionTable(map, unit),
  });
}

/** A dashed line around a box, light under dark, so that it shows on any colour. */
function outline(
  [row0, column0, row1, column1]: NonNullable<HeatmapOptions['region']>,
  { across, down }: { across: number; down: number },
  theme: Theme,
): string {
  const box = {
    x: column0 * across,
    y: row0 * down,
    width: (column1 - column0) * across,
    height: (row1 - row0) * down,
  };
  const line = { ...box, fill: 'none', 'stroke-width': 2 };
  return (
    element('rect', { ...line, stroke: theme.paper }) +
    element('rect', { ...line, stroke: theme.text, 'stroke-dasharray': '6 4' })
  );
}

/** What a reader must know about the colours: channels, clipping, signs. */
function notesOf(map: FeatureMap, range: ColourRange, show: Show, reduce: ReduceChannels, hatch: boolean): string[] {
  if (range.limit === 0) return ['All attributions are zero: the map is empty.'];
  const parts: string[] = [];
  if (map.channels > 1) {
    parts.push(reduce === 'sum' ? `Sum over ${map.channels} channels` : `Strongest of ${map.channels} channels`);
  }
  parts.push(SHOWN[show]);
  if (range.percentile !== null) {
    parts.push(
      `colours end at the ${range.percentile}th percentile (${formatPercent(range.clippedShare)} of pixels clipped)`,
    );
  } else if (range.clippedShare > 0) {
    parts.push(`${formatPercent(range.clippedShare)} of pixels clipped`);
  } else parts.push('nothing clipped');
  if (hatch && (show === 'signed' || show === 'negative')) parts.push('hatched: negative beyond a tenth of the scale');
  return [parts.join(' · ')];
}

const SHOWN: Readonly<Record<Show, string>> = {
  signed: 'orange adds, blue takes away',
  positive: 'positive values only',
  negative: 'negative values only',
  absolute: 'absolute values',
};

function regionSentence(map: FeatureMap, range: ColourRange): string {
  if (range.limit === 0) return 'All attributions are zero.';
  const strongest = regionsOf(map)
    .sort((a, b) => Math.abs(b.sum) - Math.abs(a.sum))
    .slice(0, 3)
    .map((r) => `${r.name} ${formatSigned(r.sum)}`);
  return `Strongest regions: ${strongest.join(', ')}.`;
}

function regionTable(map: FeatureMap, unit: string): DataTable {
  const total = map.values.reduce((a, b) => a + b, 0);
  const rows = regionsOf(map).map((r) => [r.name, formatSigned(r.sum, 4)]);
  return {
    caption: `Sums over nine equal regions of the image (${unit})`,
    columns: ['Region', 'Sum'],
    rows: [...rows, ['whole image', formatSigned(total, 4)]],
  };
}

function checkFraming(map: FeatureMap, image: Image, tensor: string): void {
  channelsOf(image);
  const skew = (map.width * image.height) / (map.height * image.width);
  // A coarse map may differ by the rounding of its cells.
  const tolerance = 1 + 1 / Math.min(map.width, map.height, image.width, image.height);
  if (skew <= tolerance && skew >= 1 / tolerance) return;
  throw shapeError(
    'heatmap',
    tensor,
    `a map framed like the image of ${image.width} × ${image.height}`,
    [map.height, map.width],
    "Channels last? Set layout: 'nhwc'. Otherwise pass the image as it was resized for the model",
  );
}
