import { formatTick, niceTicks } from './format-number.ts';
import { widest } from './picture.ts';
import { lineThrough } from './saturation-curve.ts';
import { shorten, textWidth } from './text-width.ts';
import type { Theme } from './theme.ts';
import { element, halo, textElement } from './xml.ts';

/** A line of a chart; x ascends. */
export interface Line {
  readonly name: string;
  readonly x: readonly number[];
  readonly y: readonly number[];
  /** Drawn thin and grey: a control. */
  readonly isControl?: boolean;
}

export interface LineChartOptions {
  readonly theme: Theme;
  readonly title: string;
  readonly xLabel: string;
  /** What stands behind the numbers of the vertical axis. */
  readonly unit: string;
  /** Places of the horizontal axis that are named; by default round ones. */
  readonly xTicks?: readonly number[];
  /** Ends of the vertical axis, for charts side by side. */
  readonly yRange?: readonly [low: number, high: number];
}

const PLOT_WIDTH = 300;
const PLOT_HEIGHT = 200;
const SIZE = 11;
const LABEL_HEIGHT = 14;
const LABEL_WIDTH = 150;
const DASHES = [undefined, '7 3', '2 3', '9 3 2 3', '4 4', '1 4'];
const COLOURS = {
  light: ['#0b57d0', '#ad4001', '#17693e', '#7a35c9', '#1b1f24', '#8a6d00'],
  dark: ['#7ab2f5', '#faa474', '#6fd39b', '#c9a6ff', '#e6e9ec', '#e0c15a'],
};

/** Lines over one axis, each named at its end; colours and dashes both tell them apart. */
export function lineChart(
  lines: readonly Line[],
  { theme, title, xLabel, unit, xTicks, yRange }: LineChartOptions,
): { body: string; width: number; height: number } {
  const [low, high] = yRange ?? rangeOf(lines);
  const xs = lines.flatMap(({ x }) => x);
  const [first, last] = [Math.min(...xs), Math.max(...xs)];
  const { ticks, step } = niceTicks(low, high, 5);
  const yNames = ticks.map((tick) => `${formatTick(tick, step)}${unit}`);
  const left = widest(yNames, SIZE) + 10;
  const top = 24;
  const xOf = (x: number): number =>
    left + (last === first ? PLOT_WIDTH / 2 : ((x - first) / (last - first)) * PLOT_WIDTH);
  const yOf = (y: number): number => top + PLOT_HEIGHT * (1 - (y - low) / (high - low));
  const parts = [
    textElement(shorten(title, 12, left + PLOT_WIDTH), { x: 0, y: 12, 'font-size': 12, fill: theme.text }),
  ];
  for (const [i, tick] of ticks.entries()) {
    const [y, stroke] = [yOf(tick), tick === 0 ? theme.control : theme.grid];
    parts.push(element('line', { x1: left, x2: left + PLOT_WIDTH, y1: y, y2: y, stroke }));
    const place = { x: left - 6, y: y + 4, 'text-anchor': 'end', 'font-size': SIZE, fill: theme.secondary };
    parts.push(textElement(yNames[i] as string, place));
  }
  const bottom = top + PLOT_HEIGHT;
  parts.push(
    ...xAxis(xTicks?.map((at) => ({ at, name: String(at) })) ?? roundTicks(first, last), { theme, xOf, bottom }),
  );
  const middle = { x: left + PLOT_WIDTH / 2, y: bottom + 34, 'text-anchor': 'middle' };
  parts.push(textElement(xLabel, { ...middle, 'font-size': SIZE, fill: theme.secondary }));
  const styles = stylesOf(lines, theme);
  for (const [i, { x, y }] of lines.entries()) {
    const d = lineThrough(x.map(xOf), y.map(yOf));
    parts.push(element('path', { d, fill: 'none', ...styles[i], 'stroke-linejoin': 'round' }));
    for (const [k, at] of x.entries()) {
      const centre = { cx: xOf(at), cy: yOf(y[k] as number) };
      parts.push(element('circle', { ...centre, r: 2.5, fill: styles[i]?.stroke }));
    }
  }
  const ends = spread(lines.map(({ y }) => yOf(y.at(-1) as number)));
  for (const [i, { name }] of lines.entries()) {
    const place = { x: left + PLOT_WIDTH + 8, y: (ends[i] as number) + 4, 'font-size': SIZE };
    parts.push(textElement(shorten(name, SIZE, LABEL_WIDTH), { ...place, fill: styles[i]?.stroke, ...halo(theme) }));
  }
  const labels = Math.min(LABEL_WIDTH, Math.max(...lines.map(({ name }) => textWidth(name, SIZE))));
  const height = Math.max(bottom + 40, Math.max(...ends) + LABEL_HEIGHT);
  return { body: parts.join(''), width: left + PLOT_WIDTH + 12 + labels, height };
}

/** From the lowest to the highest value and 0, with some room. */
export function rangeOf(lines: readonly Line[]): [number, number] {
  const values = [...lines.flatMap(({ y }) => y), 0].filter(Number.isFinite);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  if (low === high) return [low - 1, high + 1];
  const room = 0.06 * (high - low);
  return [low < 0 ? low - room : low, high > 0 ? high + room : high];
}

function roundTicks(first: number, last: number): { at: number; name: string }[] {
  const { ticks, step } = niceTicks(first, last, 5);
  return ticks.map((at) => ({ at, name: formatTick(at, step) }));
}

function xAxis(
  ticks: readonly { readonly at: number; readonly name: string }[],
  { theme, xOf, bottom }: { theme: Theme; xOf: (x: number) => number; bottom: number },
): string[] {
  let free = -Infinity;
  return ticks.flatMap(({ at, name }) => {
    const x = xOf(at);
    const half = textWidth(name, SIZE) / 2;
    const mark = element('line', { x1: x, x2: x, y1: bottom, y2: bottom + 4, stroke: theme.control });
    if (x - half < free) return [mark];
    free = x + half + 6;
    const place = { x, y: bottom + 17, 'text-anchor': 'middle', 'font-size': SIZE, fill: theme.secondary };
    return [mark, textElement(name, place)];
  });
}

function stylesOf(
  lines: readonly Line[],
  theme: Theme,
): { stroke: string; 'stroke-width': number; 'stroke-dasharray': string | undefined }[] {
  let next = 0;
  return lines.map(({ isControl }, i) => {
    if (isControl === true)
      return { stroke: theme.secondary, 'stroke-width': 1, 'stroke-dasharray': DASHES[i % 2 === 0 ? 2 : 5] };
    const k = next++;
    const colours = COLOURS[theme.scheme];
    return {
      stroke: colours[k % colours.length] as string,
      'stroke-width': k === 0 ? 2.5 : 1.8,
      'stroke-dasharray': DASHES[k % DASHES.length],
    };
  });
}

/** Heights of labels, moved apart so that none covers another, in the order of the lines. */
function spread(heights: readonly number[]): number[] {
  const order = [...heights.keys()].sort((a, b) => (heights[a] as number) - (heights[b] as number));
  const placed = [...heights];
  let free = -Infinity;
  for (const i of order) {
    placed[i] = Math.max(heights[i] as number, free);
    free = (placed[i] as number) + LABEL_HEIGHT;
  }
  return placed;
}
