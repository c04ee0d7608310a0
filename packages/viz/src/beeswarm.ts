import { argumentError, sizeOf, toFloat64, type Attribution, type Tensor } from '@pathwise/model';
import { formatNumber, formatSigned, formatTick, niceTicks } from './format-number.ts';
import { indexName } from './feature-list.ts';
import { mixOklab, parseHex, toHex } from './oklab.ts';
import type { PictureOptions } from './options.ts';
import { divergingStops } from './palette.ts';
import { frame, widest, type Picture } from './picture.ts';
import { shorten } from './text-width.ts';
import { themes, type Theme } from './theme.ts';
import { element, textElement } from './xml.ts';

export interface BeeswarmOptions extends Pick<PictureOptions, 'tensor' | 'scheme' | 'heading' | 'title'> {
  /** One name a feature. */
  readonly featureNames?: readonly string[];
  /** The value of every feature in every row, row-major, as the attributions: colours the points. */
  readonly values?: readonly number[];
  /** Features shown, those with the largest mean size (default 15). */
  readonly topK?: number;
}

const ROW_HEIGHT = 30;
const RADIUS = 3;
const SIZE = 12;
const PLOT_WIDTH = 420;
const NAME_WIDTH = 200;

/**
 * The attributions of many rows, a line of points for each feature: where they lie, and, by their colour, whether large
 * or small values of the feature push the output up.
 *
 * @param attribution - attributed tensor of shape [rows,...] with at least two rows
 * @throws PathwiseError BAD_ARGUMENT for lists of another length, or a single row
 */
export function beeswarm(attribution: Attribution, options: BeeswarmOptions = {}): Picture {
  const { scheme = 'light', topK = 15 } = options;
  const theme = themes[scheme];
  const [first = ''] = Object.keys(attribution.attributions);
  const name = options.tensor ?? first;
  const tensor = attribution.attributions[name];
  if (tensor === undefined)
    throw argumentError('beeswarm', 'tensor', `one of ${Object.keys(attribution.attributions).join(', ')}`, name);
  const features = featuresOf(name, tensor, options);
  const listed = features.slice(0, topK);
  const reach = listed.flatMap(({ points }) => points.map(({ x }) => x));
  const [low, high] = [Math.min(0, ...reach), Math.max(0, ...reach)];
  const room = 0.04 * (high - low || 1);
  const names = listed.map((feature) => shorten(feature.name, SIZE, NAME_WIDTH));
  const left = widest(names, SIZE) + 14;
  const xOf = (v: number): number => left + ((v - low + room) / (high - low + 2 * room || 1)) * PLOT_WIDTH;
  const bottom = listed.length * ROW_HEIGHT;
  const parts: string[] = [];
  const { ticks, step } = niceTicks(low, high, 6);
  for (const tick of ticks) {
    const x = xOf(tick);
    parts.push(element('line', { x1: x, x2: x, y1: 0, y2: bottom, stroke: tick === 0 ? theme.control : theme.grid }));
    const place = { x, y: bottom + 16, 'text-anchor': 'middle', 'font-size': 11, fill: theme.secondary };
    parts.push(textElement(formatTick(tick, step), place));
  }
  for (const [i, { points }] of listed.entries()) {
    const middle = i * ROW_HEIGHT + ROW_HEIGHT / 2;
    const place = { x: left - 14, y: middle + 4, 'text-anchor': 'end', 'font-size': SIZE, fill: theme.text };
    parts.push(textElement(names[i] as string, place));
    parts.push(...swarm(points, middle, xOf, theme));
  }
  const hasColours = options.values !== undefined;
  if (hasColours) parts.push(legend(left + PLOT_WIDTH + 18, bottom, theme));
  const rows = tensor.shape[0] as number;
  const [target] = attribution.target;
  return frame({
    theme,
    body: parts.join(''),
    bodyWidth: left + PLOT_WIDTH + (hasColours ? 74 : 8),
    bodyHeight: Math.max(bottom + 22, hasColours ? 110 : 0),
    heading:
      options.heading === false
        ? undefined
        : {
            title: options.title ?? `${rows} rows`,
            subtitle: `${attribution.method} · contribution to ${new Set(attribution.target).size === 1 ? target : 'the target of each row'}`,
          },
    notes:
      features.length > listed.length
        ? [`The ${listed.length} of ${features.length} features with the largest mean |attribution|.`]
        : [],
    alt: `${attribution.method} of ${rows} rows. Largest on average: ${listed
      .slice(0, 3)
      .map((f) => `${f.name} ${formatNumber(f.size)}`)
      .join(', ')}.`,
    table: {
      caption: 'Attributions over all rows, by mean size',
      columns: ['Feature', 'Mean |attribution|', 'Lowest', 'Highest'],
      rows: features.map(({ name: feature, size, points }) => [
        feature,
        formatNumber(size, 4),
        formatSigned(Math.min(...points.map(({ x }) => x)), 4),
        formatSigned(Math.max(...points.map(({ x }) => x)), 4),
      ]),
    },
  });
}

interface Point {
  readonly x: number;
  /** Rank of the feature's value among the rows, 0 to 1; null without values. */
  readonly level: number | null;
}

interface Feature {
  readonly name: string;
  readonly size: number;
  readonly points: readonly Point[];
}

function featuresOf(name: string, { shape, data }: Tensor, { featureNames, values }: BeeswarmOptions): Feature[] {
  const [rows = 0, ...row] = shape;
  const count = sizeOf(row);
  if (rows < 2)
    throw argumentError('beeswarm', 'attribution', 'at least two rows', rows, 'One row is a picture of bars.');
  for (const [what, list, length] of [
    ['featureNames', featureNames, count],
    ['values', values, rows * count],
  ] as const) {
    if (list !== undefined && list.length !== length)
      throw argumentError('beeswarm', what, `${length} entries`, list.length);
  }
  const all = toFloat64(data);
  const features = Array.from({ length: count }, (_, i): Feature => {
    const at = Array.from({ length: rows }, (__, r) => r * count + i);
    const levels = values === undefined ? null : ranks(at.map((k) => values[k] as number));
    const points = at.map((k, r): Point => ({ x: all[k] as number, level: levels?.[r] ?? null }));
    const size = points.reduce((total, { x }) => total + Math.abs(x), 0) / rows;
    return { name: featureNames?.[i] ?? indexName(name, row, i), size, points };
  });
  return features.sort((a, b) => b.size - a.size);
}

/** The share of smaller values, ties in the middle. */
function ranks(values: readonly number[]): number[] {
  const sorted = [...values].sort((a, b) => a - b);
  const span = Math.max(1, sorted.length - 1);
  return values.map((v) => (sorted.indexOf(v) + sorted.lastIndexOf(v)) / 2 / span);
}

/** Points of one feature, moved up and down so that none covers another while there is room. */
function swarm(points: readonly Point[], middle: number, xOf: (v: number) => number, theme: Theme): string[] {
  const placed: { x: number; y: number }[] = [];
  const most = ROW_HEIGHT / 2 - 2 * RADIUS;
  return [...points]
    .sort((a, b) => a.x - b.x)
    .map(({ x: value, level }) => {
      const x = xOf(value);
      let y = 0;
      for (let k = 0; k <= 2 * most; k++) {
        y = (k % 2 === 0 ? 1 : -1) * Math.ceil(k / 2);
        if (placed.every((p) => (p.x - x) ** 2 + (p.y - y) ** 2 >= (2 * RADIUS) ** 2)) break;
      }
      placed.push({ x, y });
      const fill = level === null ? theme.accent : levelColour(level, theme);
      return element('circle', { cx: x, cy: middle + y, r: RADIUS, fill, stroke: theme.paper, 'stroke-width': 0.5 });
    });
}

/** From the blue to the orange end of the palette, over grey. */
function levelColour(level: number, { scheme, muted }: Theme): string {
  const ends = {
    low: divergingStops[scheme].negative[4] as string,
    high: divergingStops[scheme].positive[4] as string,
  };
  const end = parseHex(level < 0.5 ? ends.low : ends.high);
  return toHex(mixOklab(parseHex(muted), end, Math.abs(level - 0.5) * 2));
}

function legend(x: number, bottom: number, theme: Theme): string {
  const [top, height, cells] = [Math.max(0, bottom / 2 - 44), 70, 20];
  const blocks = Array.from({ length: cells }, (_, i) =>
    element('rect', {
      x,
      y: top + (i * height) / cells,
      width: 10,
      height: height / cells + 0.5,
      fill: levelColour(1 - i / (cells - 1), theme),
    }),
  );
  const text = { x: x + 16, 'font-size': 11, fill: theme.secondary };
  return (
    blocks.join('') +
    textElement('high', { ...text, y: top + 9 }) +
    textElement('low', { ...text, y: top + height }) +
    textElement('value', { ...text, x, y: top + height + 18 })
  );
}
