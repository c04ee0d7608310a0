import type { Attribution } from '@pathwise/model';
import type { Bar } from './bar-chart.ts';
import { altBeginning, headingOf, targetName } from './describe.ts';
import { featureList, strongest, type FeatureListOptions } from './feature-list.ts';
import { formatNumber, formatSigned, formatTick, niceTicks } from './format-number.ts';
import { hatchPath } from './hatch.ts';
import { divergingStops } from './palette.ts';
import { frame, widest, type Picture } from './picture.ts';
import { selectRow } from './select-row.ts';
import { shorten, textWidth } from './text-width.ts';
import { themes, type Theme } from './theme.ts';
import { coordinate, element, halo, textElement } from './xml.ts';

export type WaterfallOptions = Omit<FeatureListOptions, 'show' | 'limit' | 'clipPercentile'>;

/** A step of the fall: from one running sum to the next. */
export interface FallStep extends Bar {
  readonly from: number;
  readonly to: number;
}

const ROW_HEIGHT = 26;
const BAR_HEIGHT = 16;
const SIZE = 12;
const NUMBER_SIZE = 11;
const PLOT_WIDTH = 340;
const NAME_WIDTH = 220;

/**
 * From the output at the baseline to the output at the input, feature by feature, the largest first. What the
 * attributions leave unexplained is a step of its own, so that the last one always ends at F(x).
 *
 * @param attribution - attributed tensor of any shape [rows,...]; without a baseline the fall begins at 0
 * @throws PathwiseError BAD_ARGUMENT when `featureNames` or `values` have another length, or `topK` is below 1
 */
export function waterfall(attribution: Attribution, options: WaterfallOptions = {}): Picture {
  const theme = themes[options.scheme ?? 'light'];
  const row = selectRow(attribution, options);
  const { all, listed } = featureList('waterfall', attribution, row, options);
  const start = attribution.outputAtBaseline?.[row.row] ?? 0;
  const end = attribution.outputAtInput[row.row] ?? Number.NaN;
  const steps = fallOf(listed, start, end);
  const { body, width, height } = draw(steps, { start, end, theme, hatch: options.hatch !== false });
  const target = targetName(attribution, row.row, options.labels);
  return frame({
    theme,
    body,
    bodyWidth: width,
    bodyHeight: height,
    heading: options.heading === false ? undefined : headingOf(attribution, row.row, options),
    notes: [
      attribution.outputAtBaseline === null
        ? `From 0 to F(x) = ${formatNumber(end, 4)}.`
        : `From F(x′) = ${formatNumber(start, 4)} to F(x) = ${formatNumber(end, 4)}, in units of ${target}.`,
    ],
    alt: `${altBeginning(attribution, row.row, options.labels)} ${strongest(
      all,
      row.values.every((v) => v === 0),
    )}`,
    table: {
      caption: 'From the output at the baseline to the output at the input',
      columns: ['Feature', 'Attribution', 'Sum so far'],
      rows: steps.map(({ name, attribution: value, to }) => [name, formatSigned(value, 4), formatNumber(to, 4)]),
    },
  });
}

/** Below this share of the way a rest that is not explained is rounding. */
const SMALLEST_REST = 1e-3;

/** The steps from `start`, and what is missing to `end`. */
export function fallOf(listed: readonly Bar[], start: number, end: number): FallStep[] {
  let at = start;
  const steps = listed.map((bar): FallStep => ({ ...bar, from: at, to: (at += bar.attribution) }));
  const rest = end - at;
  const way = listed.reduce((sum, { attribution }) => sum + Math.abs(attribution), 0);
  if (!(Math.abs(rest) > SMALLEST_REST * way)) return steps;
  const unexplained = { name: 'not explained', value: '', standardError: undefined, others: true };
  return [...steps, { ...unexplained, attribution: rest, from: at, to: end }];
}

interface Drawing {
  readonly start: number;
  readonly end: number;
  readonly theme: Theme;
  readonly hatch: boolean;
}

function draw(
  steps: readonly FallStep[],
  { start, end, theme, hatch }: Drawing,
): { body: string; width: number; height: number } {
  const names = steps.map(({ name, value }) => shorten(value === '' ? name : `${name} = ${value}`, SIZE, NAME_WIDTH));
  const reach = [start, end, ...steps.flatMap(({ from, to }) => [from, to])].filter(Number.isFinite);
  const [low, high] = widened(Math.min(...reach), Math.max(...reach));
  const numbers = steps.map(({ attribution }) => formatSigned(attribution));
  const room = widest(numbers, NUMBER_SIZE) + 8;
  const left = widest(names, SIZE) + 14 + room;
  const xOf = (v: number): number => left + ((v - low) / (high - low)) * PLOT_WIDTH;
  const bottom = steps.length * ROW_HEIGHT + 6;
  const parts: string[] = [];
  const { ticks, step } = niceTicks(low, high, 5);
  for (const tick of ticks) {
    const x = xOf(tick);
    parts.push(element('line', { x1: x, x2: x, y1: 0, y2: bottom, stroke: theme.grid }));
    const place = { x, y: bottom + 16, 'text-anchor': 'middle', 'font-size': NUMBER_SIZE, fill: theme.secondary };
    parts.push(textElement(formatTick(tick, step), place));
  }
  for (const at of [start, end]) {
    const line = { x1: xOf(at), x2: xOf(at), y1: 0, y2: bottom, stroke: theme.control, 'stroke-dasharray': '3 3' };
    parts.push(element('line', line));
  }
  for (const [i, one] of steps.entries()) {
    const middle = i * ROW_HEIGHT + ROW_HEIGHT / 2;
    const name = { x: left - room - 6, y: middle + 4, 'text-anchor': 'end', 'font-size': SIZE };
    parts.push(textElement(names[i] as string, { ...name, fill: one.others ? theme.secondary : theme.text }));
    parts.push(drawStep(one, numbers[i] as string, { middle, xOf, theme, hatch }));
    if (i < steps.length - 1) {
      const x = xOf(one.to);
      const link = { x1: x, x2: x, y1: middle + BAR_HEIGHT / 2, y2: middle + ROW_HEIGHT - BAR_HEIGHT / 2 };
      parts.push(element('line', { ...link, stroke: theme.secondary }));
    }
  }
  return { body: parts.join(''), width: left + PLOT_WIDTH + room, height: bottom + 22 };
}

/** A bar with an arrow head in its direction, and its number where there is room. */
function drawStep(
  { from, to, attribution, others }: FallStep,
  number: string,
  place: { middle: number; xOf: (v: number) => number; theme: Theme; hatch: boolean },
): string {
  const { middle, xOf, theme, hatch } = place;
  const [a, b] = [xOf(from), xOf(to)];
  const top = middle - BAR_HEIGHT / 2;
  const head = Math.min(6, Math.abs(b - a)) * Math.sign(b - a);
  const fill = others
    ? theme.muted
    : (divergingStops[theme.scheme][attribution < 0 ? 'negative' : 'positive'][4] as string);
  const shape = element('path', {
    d: `M${coordinate(a)} ${top}H${coordinate(b - head)}L${coordinate(b)} ${middle}L${coordinate(b - head)} ${top + BAR_HEIGHT}H${coordinate(a)}Z`,
    fill,
  });
  const [low, length] = [Math.min(a, b), Math.abs(b - a)];
  const hatched = hatch && attribution < 0 && length > 8;
  const lines = hatched
    ? element('path', {
        d: hatchPath(low + Math.abs(head), top, length - Math.abs(head), BAR_HEIGHT),
        stroke: theme.paper,
        'stroke-opacity': 0.5,
      })
    : '';
  const fits = length > textWidth(number, NUMBER_SIZE) + 16 && !hatched && !others;
  const text = { y: middle + 4, 'font-size': NUMBER_SIZE };
  const label = fits
    ? textElement(number, { ...text, x: (a + b) / 2, 'text-anchor': 'middle', fill: theme.paper, 'font-weight': 600 })
    : textElement(number, {
        ...text,
        x: attribution < 0 ? low - 6 : low + length + 6,
        'text-anchor': attribution < 0 ? 'end' : 'start',
        fill: theme.secondary,
        ...halo(theme),
      });
  return shape + lines + label;
}

function widened(low: number, high: number): [number, number] {
  if (low === high) return [low - 0.5, high + 0.5];
  const room = 0.04 * (high - low);
  return [low - room, high + room];
}
