import { formatSigned, formatTick, niceTicks } from './format-number.ts';
import { divergingStops } from './palette.ts';
import { widest } from './picture.ts';
import { shorten } from './text-width.ts';
import type { Theme } from './theme.ts';
import { element, halo, textElement } from './xml.ts';

/** A row of a bar chart. */
export interface Bar {
  readonly name: string;
  readonly value: string;
  readonly attribution: number;
  readonly standardError: number | undefined;
  /** Stands for all features that are not listed. */
  readonly others: boolean;
}

export interface BarChartOptions {
  readonly theme: Theme;
  readonly unit: string;
  /** Ends of a shared axis. */
  readonly limit: number | undefined;
  /** Shows the column of values. */
  readonly values: boolean;
}

const ROW_HEIGHT = 24;
const BAR_HEIGHT = 14;
const NAME_SIZE = 12;
const NUMBER_SIZE = 11;
const PLOT_WIDTH = 320;
const NAME_WIDTH = 200;
const VALUE_WIDTH = 90;

/** Draws bars in the given order: names and values on the left, a shared axis with zero below. */
export function barChart(
  listed: readonly Bar[],
  { theme, unit, limit, values: withValues }: BarChartOptions,
): { body: string; width: number; height: number } {
  const names = listed.map((b) => shorten(b.name, NAME_SIZE, NAME_WIDTH));
  const values = listed.map((b) => shorten(b.value, NUMBER_SIZE, VALUE_WIDTH));
  const numbers = listed.map((b) => formatSigned(b.attribution));
  const valueColumn = withValues ? Math.max(widest(values, NUMBER_SIZE), 20) + 14 : 0;
  const plotLeft = widest(names, NAME_SIZE) + valueColumn + 14;
  const numberRoom = widest(numbers, NUMBER_SIZE) + 8;
  const reach = listed
    .map((b) => [b.attribution - (b.standardError ?? 0), b.attribution + (b.standardError ?? 0)])
    .flat();
  const { low, high } = axisOf(reach, limit);
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
