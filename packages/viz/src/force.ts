import type { Attribution } from '@pathwise/model';
import type { Bar } from './bar-chart.ts';
import { altBeginning, headingOf, targetName } from './describe.ts';
import { featureList, strongest, type FeatureListOptions } from './feature-list.ts';
import { formatNumber, formatSigned, formatTick, niceTicks } from './format-number.ts';
import { hatchPath } from './hatch.ts';
import { divergingStops } from './palette.ts';
import { frame, type Picture } from './picture.ts';
import { selectRow } from './select-row.ts';
import { shorten, textWidth } from './text-width.ts';
import { themes, type Theme } from './theme.ts';
import { coordinate, element, textElement } from './xml.ts';

export type ForceOptions = Omit<FeatureListOptions, 'show' | 'limit' | 'clipPercentile'>;

const WIDTH = 640;
const BAR_TOP = 30;
const BAR_HEIGHT = 30;
const NAME_SIZE = 11;
const LINE_HEIGHT = 16;
const TIP = 7;
const MOST_LINES = 6;

/**
 * All features on one line: those that push the output up come from the left, those that push it down from the right,
 * and they meet at F(x). Lengths are attributions; the strongest stand next to F(x).
 *
 * @param attribution - attributed tensor of any shape [rows,...]
 * @throws PathwiseError BAD_ARGUMENT when `featureNames` or `values` have another length, or `topK` is below 1
 */
export function force(attribution: Attribution, options: ForceOptions = {}): Picture {
  const theme = themes[options.scheme ?? 'light'];
  const row = selectRow(attribution, options);
  const { all } = featureList('force', attribution, row, options);
  const end = attribution.outputAtInput[row.row] ?? Number.NaN;
  const ups = all.filter((bar) => bar.attribution > 0);
  const downs = all.filter((bar) => bar.attribution < 0);
  const reach = [sum(ups), -sum(downs)];
  const [low, high] = [end - (reach[0] as number), end + (reach[1] as number)];
  const whole = high - low || 1;
  const xOf = (v: number): number => ((v - low) / whole) * WIDTH;
  const parts = [axis(low, high, xOf, theme)];
  const segments: Segment[] = [];
  let at = xOf(end);
  for (const bar of ups) segments.push({ bar, right: at, left: (at -= (bar.attribution / whole) * WIDTH) });
  at = xOf(end);
  for (const bar of downs) segments.push({ bar, left: at, right: (at -= (bar.attribution / whole) * WIDTH) });
  for (const segment of segments) parts.push(drawSegment(segment, theme, options.hatch !== false));
  parts.push(...markEnd(xOf(end), end, theme));
  const names = drawNames(segments.slice(), theme);
  parts.push(names.markup);
  const base = attribution.outputAtBaseline?.[row.row];
  return frame({
    theme,
    body: parts.join(''),
    bodyWidth: WIDTH,
    bodyHeight: BAR_TOP + BAR_HEIGHT + names.height + 8,
    heading: options.heading === false ? undefined : headingOf(attribution, row.row, options),
    notes: [
      `Orange pushes ${targetName(attribution, row.row, options.labels)} up from the left, blue down from the right` +
        `${base === undefined ? '' : `; without any it is F(x′) = ${formatNumber(base, 4)}`}.`,
    ],
    alt: `${altBeginning(attribution, row.row, options.labels)} ${strongest(
      all,
      all.every((b) => b.attribution === 0),
    )}`,
    table: {
      caption: 'Attribution of each feature, largest first',
      columns: ['Feature', 'Attribution'],
      rows: all.map((bar) => [bar.name, formatSigned(bar.attribution, 4)]),
    },
  });
}

interface Segment {
  readonly bar: Bar;
  readonly left: number;
  readonly right: number;
}

function sum(bars: readonly Bar[]): number {
  return bars.reduce((total, { attribution }) => total + attribution, 0);
}

function axis(low: number, high: number, xOf: (v: number) => number, theme: Theme): string {
  const { ticks, step } = niceTicks(low, high, 6);
  return ticks
    .map((tick) => {
      const x = xOf(tick);
      const line = element('line', { x1: x, x2: x, y1: 14, y2: BAR_TOP + BAR_HEIGHT, stroke: theme.grid });
      const place = { x, y: 10, 'text-anchor': 'middle', 'font-size': NAME_SIZE, fill: theme.secondary };
      return line + textElement(formatTick(tick, step), place);
    })
    .join('');
}

/** An arrow towards F(x); the gap between two is one of paper. */
function drawSegment({ bar, left, right }: Segment, theme: Theme, hatch: boolean): string {
  const isUp = bar.attribution > 0;
  const tip = Math.min(TIP, (right - left) / 2) * (isUp ? 1 : -1);
  const [tail, head] = isUp ? [left, right] : [right, left];
  const [top, middle, bottom] = [BAR_TOP, BAR_TOP + BAR_HEIGHT / 2, BAR_TOP + BAR_HEIGHT];
  const d =
    `M${coordinate(tail)} ${top}H${coordinate(head - tip)}L${coordinate(head)} ${middle}` +
    `L${coordinate(head - tip)} ${bottom}H${coordinate(tail)}L${coordinate(tail + tip)} ${middle}Z`;
  const fill = divergingStops[theme.scheme][isUp ? 'positive' : 'negative'][4] as string;
  const shape = element('path', { d, fill, stroke: theme.paper, 'stroke-width': 1 });
  if (isUp || !hatch || right - left < 3 * TIP) return shape;
  const lines = hatchPath(left + TIP, top + 1, right - left - 2 * TIP, BAR_HEIGHT - 2);
  return shape + element('path', { d: lines, stroke: theme.paper, 'stroke-opacity': 0.5 });
}

function markEnd(x: number, end: number, theme: Theme): string[] {
  const line = { x1: x, x2: x, y1: BAR_TOP - 6, y2: BAR_TOP + BAR_HEIGHT + 6, stroke: theme.text, 'stroke-width': 2 };
  const anchor = x < 60 ? 'start' : x > WIDTH - 60 ? 'end' : 'middle';
  const place = { x, y: BAR_TOP + BAR_HEIGHT + 20, 'text-anchor': anchor, 'font-size': 12, 'font-weight': 600 };
  return [element('line', line), textElement(`F(x) = ${formatNumber(end, 4)}`, { ...place, fill: theme.text })];
}

/** Names below the arrows, the longest arrows first, each on the first line where it has room. */
function drawNames(segments: readonly Segment[], theme: Theme): { markup: string; height: number } {
  const lines: [from: number, to: number][][] = [];
  const parts: string[] = [];
  const top = BAR_TOP + BAR_HEIGHT + 24;
  const ordered = [...segments].sort((a, b) => b.right - b.left - (a.right - a.left));
  for (const { bar, left, right } of ordered) {
    if (right - left < 2) continue;
    const text = shorten(bar.value === '' ? bar.name : `${bar.name} = ${bar.value}`, NAME_SIZE, 180);
    const half = textWidth(text, NAME_SIZE) / 2 + 5;
    const middle = Math.min(Math.max((left + right) / 2, half), WIDTH - half);
    const span: [number, number] = [middle - half, middle + half];
    const isFree = (line: [number, number][]): boolean => line.every(([from, to]) => span[1] < from || span[0] > to);
    let line = lines.findIndex(isFree);
    if (line < 0) {
      if (lines.length === MOST_LINES) continue;
      line = lines.push([]) - 1;
    }
    lines[line]?.push(span);
    const y = top + (line + 1) * LINE_HEIGHT;
    const stem = { x1: (left + right) / 2, x2: middle, y1: BAR_TOP + BAR_HEIGHT, y2: y - 10, stroke: theme.grid };
    parts.unshift(element('line', stem));
    parts.push(textElement(text, { x: middle, y, 'text-anchor': 'middle', 'font-size': NAME_SIZE, fill: theme.text }));
  }
  return { markup: parts.join(''), height: 24 + lines.length * LINE_HEIGHT };
}
