import { argumentError, sizeOf, type Attribution } from '@pathwise/model';
import { altBeginning, headingOf, plural, unitName } from './describe.ts';
import { formatNumber, formatSigned, formatTick, niceTicks } from './format-number.ts';
import type { PictureOptions } from './options.ts';
import { divergingStops } from './palette.ts';
import { frame, widest, type Picture } from './picture.ts';
import { selectRow, standardErrorsOf } from './select-row.ts';
import { shorten } from './text-width.ts';
import { themes, type Theme } from './theme.ts';
import { element, halo, textElement } from './xml.ts';

export interface BarsOptions extends PictureOptions {
  /** One name a feature, in the order of the attributions; `name[i]` by default. */
  readonly featureNames?: readonly string[];
  /** The value of each feature, shown beside its name. */
  readonly values?: readonly (number | string)[];
  /** Bars shown; the rest is summed up as "others" (default 15). */
  readonly topK?: number;
}

interface Bar {
  readonly name: string;
  readonly value: string;
  readonly attribution: number;
  readonly standardError: number | undefined;
  readonly others: boolean;
}

const ROW_HEIGHT = 24;
const BAR_HEIGHT = 14;
const NAME_SIZE = 12;
const NUMBER_SIZE = 11;
const PLOT_WIDTH = 320;
const NAME_WIDTH = 200;
const VALUE_WIDTH = 90;

/**
 * Signed bars of the attributions of a row, the largest on top, with the value of each feature beside its name.
 * The bars add up: what is not shown by itself is summed up in the last one. Standard errors, where the method gives
 * them, are whiskers of one standard error to each side.
 *
 * @param attribution - attributed tensor of any shape [rows,...]
 * @throws PathwiseError BAD_ARGUMENT when `featureNames` or `values` have another length, or `topK` is below 1
 */
export function bars(attribution: Attribution, options: BarsOptions = {}): Picture {
  const { scheme = 'light', topK = 15 } = options;
  if (!(Number.isInteger(topK) && topK >= 1)) throw argumentError('bars', 'topK', 'an integer of at least 1', topK);
  const theme = themes[scheme];
  const row = selectRow(attribution, options);
  const all = allBars(attribution, row, options).filter((b) => shown(b.attribution, options.show));
  all.sort((a, b) => Math.abs(b.attribution) - Math.abs(a.attribution));
  const listed = all.length > topK + 1 ? [...all.slice(0, topK), othersOf(all.slice(topK))] : all;
  const unit = unitName(attribution, row.row);
  const withErrors = listed.some((b) => b.standardError !== undefined);
  const { body, width, height } = draw(listed, theme, options, unit);
  const zero = row.values.every((v) => v === 0);
  return frame({
    theme,
    body,
    bodyWidth: width,
    bodyHeight: height,
    heading: options.heading === false ? undefined : headingOf(attribution, row.row, options),
    notes: [
      ...(zero ? ['All attributions are zero.'] : []),
      ...(withErrors ? ['Whiskers: one standard error to each side.'] : []),
    ],
    alt: `${altBeginning(attribution, row.row, options.labels)} ${strongest(all, zero)}`,
    table: {
      caption: `Attribution of each feature (${unit}), largest first`,
      columns: [
        'Feature',
        ...(options.values ? ['Value'] : []),
        'Attribution',
        ...(withErrors ? ['Standard error'] : []),
      ],
      rows: all.map((b) => [
        b.name,
        ...(options.values ? [b.value] : []),
        formatSigned(b.attribution, 4),
        ...(withErrors ? [b.standardError === undefined ? '' : formatNumber(b.standardError)] : []),
      ]),
    },
  });
}

function allBars(attribution: Attribution, row: ReturnType<typeof selectRow>, options: BarsOptions): Bar[] {
  const { featureNames, values } = options;
  const count = sizeOf(row.shape);
  for (const [name, list] of Object.entries({ featureNames, values })) {
    if (list !== undefined && list.length !== count) {
      throw argumentError('bars', name, `${count} entries, one a feature of "${row.tensor}"`, list.length);
    }
  }
  const errors = standardErrorsOf(attribution, row);
  return Array.from(row.values, (value, i) => {
    const own = values?.[i];
    return {
      name: featureNames?.[i] ?? indexName(row.tensor, row.shape, i),
      value: own === undefined ? '' : typeof own === 'number' ? formatNumber(own, 4) : own,
      attribution: options.show === 'absolute' ? Math.abs(value) : value,
      standardError: errors?.[i],
      others: false,
    };
  });
}

function shown(value: number, show: PictureOptions['show']): boolean {
  return show === 'positive' ? value > 0 : show === 'negative' ? value < 0 : true;
}

function othersOf(rest: readonly Bar[]): Bar {
  return {
    name: `${plural(rest.length, 'other', 'others')}`,
    value: '',
    attribution: rest.reduce((sum, b) => sum + b.attribution, 0),
    standardError: undefined, // of a sum: unknown without the covariances
    others: true,
  };
}

function draw(
  listed: readonly Bar[],
  theme: Theme,
  options: BarsOptions,
  unit: string,
): { body: string; width: number; height: number } {
  const names = listed.map((b) => shorten(b.name, NAME_SIZE, NAME_WIDTH));
  const values = listed.map((b) => shorten(b.value, NUMBER_SIZE, VALUE_WIDTH));
  const numbers = listed.map((b) => formatSigned(b.attribution));
  const valueColumn = options.values ? Math.max(widest(values, NUMBER_SIZE), 20) + 14 : 0;
  const plotLeft = widest(names, NAME_SIZE) + valueColumn + 14;
  const numberRoom = widest(numbers, NUMBER_SIZE) + 8;
  const reach = listed
    .map((b) => [b.attribution - (b.standardError ?? 0), b.attribution + (b.standardError ?? 0)])
    .flat();
  const { low, high } = axisOf(reach, options.limit);
  // Room for the numbers at the ends of the bars on either side.
  const left = plotLeft + (low < 0 ? numberRoom : 0);
  const scale = PLOT_WIDTH / (high - low);
  const xOf = (v: number): number => left + (Math.min(Math.max(v, low), high) - low) * scale;
  const right = xOf(high) + (high > 0 ? numberRoom : 4);
  const bottom = listed.length * ROW_HEIGHT;
  const { ticks, step } = reach.some((v) => v !== 0) ? niceTicks(low, high, 5) : { ticks: [0], step: 1 };
  const parts: string[] = [];
  for (const tick of ticks) {
    const x = xOf(tick);
    parts.push(element('line', { x1: x, x2: x, y1: 0, y2: bottom, stroke: tick === 0 ? theme.control : theme.grid }));
    parts.push(
      textElement(formatTick(tick, step), {
        x,
        y: bottom + 16,
        'text-anchor': 'middle',
        'font-size': NUMBER_SIZE,
        fill: theme.secondary,
      }),
    );
  }
  for (const [i, bar] of listed.entries()) {
    const middle = i * ROW_HEIGHT + ROW_HEIGHT / 2;
    const text = { y: middle + 4, 'font-size': NAME_SIZE };
    const nameColour = bar.others ? theme.secondary : theme.text;
    parts.push(
      textElement(names[i] as string, {
        ...text,
        x: plotLeft - valueColumn - 14,
        'text-anchor': 'end',
        fill: nameColour,
      }),
    );
    if (valueColumn > 0) {
      const place = { x: plotLeft - 14, 'text-anchor': 'end', 'font-size': NUMBER_SIZE, fill: theme.secondary };
      parts.push(textElement(values[i] as string, { ...text, ...place }));
    }
    parts.push(drawBar(bar, numbers[i] as string, middle, xOf, theme));
  }
  const zero = xOf(0);
  parts.push(element('line', { x1: zero, x2: zero, y1: 0, y2: bottom, stroke: theme.control }));
  const middleOfPlot = (xOf(low) + xOf(high)) / 2;
  parts.push(
    textElement(shorten(unit, NUMBER_SIZE, PLOT_WIDTH), {
      x: middleOfPlot,
      y: bottom + 34,
      'text-anchor': 'middle',
      'font-size': NUMBER_SIZE,
      fill: theme.secondary,
    }),
  );
  return { body: parts.join(''), width: Math.max(right, left + PLOT_WIDTH), height: bottom + 38 };
}

/** The ends of the axis: zero is always on it. */
function axisOf(reach: readonly number[], limit: number | undefined): { low: number; high: number } {
  if (limit !== undefined) return { low: -limit, high: limit };
  const low = reach.reduce((a, b) => Math.min(a, b), 0);
  const high = reach.reduce((a, b) => Math.max(a, b), 0);
  return low === high ? { low: -1, high: 1 } : { low, high };
}

function drawBar(bar: Bar, number: string, middle: number, xOf: (v: number) => number, theme: Theme): string {
  const [zero, end] = [xOf(0), xOf(bar.attribution)];
  const stops = divergingStops[theme.scheme][bar.attribution < 0 ? 'negative' : 'positive'];
  const rect = element('rect', {
    x: Math.min(zero, end),
    y: middle - BAR_HEIGHT / 2,
    width: Math.abs(end - zero),
    height: BAR_HEIGHT,
    rx: 1.5,
    fill: bar.others ? theme.muted : (stops[4] as string),
  });
  const negative = bar.attribution < 0;
  const error = bar.standardError ?? 0;
  const [from, to] = [xOf(bar.attribution - error), xOf(bar.attribution + error)];
  const whisker =
    error > 0
      ? element('path', {
          d: `M${from} ${middle}H${to}M${from} ${middle - 3}v6M${to} ${middle - 3}v6`,
          stroke: theme.text,
          fill: 'none',
        })
      : '';
  const label = textElement(number, {
    x: negative ? Math.min(from, zero) - 6 : Math.max(to, zero) + 6,
    y: middle + 4,
    'text-anchor': negative ? 'end' : 'start',
    'font-size': NUMBER_SIZE,
    fill: theme.secondary,
    ...halo(theme),
  });
  return rect + whisker + label;
}

function strongest(all: readonly Bar[], zero: boolean): string {
  if (zero) return 'All attributions are zero.';
  const list = all.slice(0, 3).map((b) => `${b.name} ${formatSigned(b.attribution)}`);
  return `Strongest features: ${list.join(', ')}.`;
}

function indexName(tensor: string, shape: readonly number[], index: number): string {
  const at: number[] = [];
  let rest = index;
  for (const size of [...shape].reverse()) {
    at.unshift(rest % size);
    rest = Math.floor(rest / size);
  }
  return at.length === 0 ? tensor : `${tensor}[${at.join(',')}]`;
}
