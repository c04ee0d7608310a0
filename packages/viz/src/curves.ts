import { argumentError } from '@pathwise/model';
import { formatNumber } from './format-number.ts';
import { lineChart, rangeOf, type Line } from './line-chart.ts';
import type { PictureOptions } from './options.ts';
import { frame, type Heading, type Picture } from './picture.ts';
import { themes } from './theme.ts';
import { element } from './xml.ts';

/** One chart: lines over a common axis. */
export interface CurvesPanel {
  readonly title: string;
  readonly xLabel: string;
  /** Stands behind the numbers of the vertical axis, as ` %`. */
  readonly unit?: string;
  readonly lines: readonly Line[];
}

export interface CurvesOptions extends Pick<PictureOptions, 'scheme'> {
  readonly heading?: Heading;
  readonly notes?: readonly string[];
  /** One vertical axis for all charts (default false). */
  readonly sharedScale?: boolean;
}

const GAP = 26;

/**
 * Charts of curves side by side: what happens to a number while another one grows.
 *
 * @throws PathwiseError BAD_ARGUMENT without a chart or a line, or where x and y of a line differ in length
 */
export function curves(panels: readonly CurvesPanel[], options: CurvesOptions = {}): Picture {
  const theme = themes[options.scheme ?? 'light'];
  const lines = panels.flatMap((panel) => panel.lines);
  if (panels.length === 0 || panels.some((panel) => panel.lines.length === 0)) {
    throw argumentError('curves', 'panels', 'at least one chart with at least one line', panels.length);
  }
  const uneven = lines.find(({ x, y }) => x.length !== y.length || x.length === 0);
  if (uneven !== undefined) {
    throw argumentError('curves', uneven.name, `as many y as x, at least one`, [uneven.x.length, uneven.y.length]);
  }
  const yRange = options.sharedScale === true ? rangeOf(lines) : undefined;
  let [left, height] = [0, 0];
  const body = panels.map(({ title, xLabel, unit = '', lines: own }) => {
    const chart = lineChart(own, { theme, title, xLabel, unit, ...(yRange !== undefined && { yRange }) });
    const placed = element('g', { transform: `translate(${left} 0)` }, chart.body);
    left += chart.width + GAP;
    height = Math.max(height, chart.height);
    return placed;
  });
  return frame({
    theme,
    body: body.join(''),
    bodyWidth: left - GAP,
    bodyHeight: height,
    heading: options.heading,
    notes: options.notes ?? [],
    alt: panels
      .map(
        ({ title, lines: own }) =>
          `${title}: ${own.map(({ name, y }) => `${name} ends at ${formatNumber(y.at(-1) as number)}`).join(', ')}.`,
      )
      .join(' '),
    table: {
      caption: panels.map(({ title }) => title).join('; '),
      columns: ['Chart', 'Line', 'x', 'y'],
      rows: panels.flatMap(({ title, lines: own }) =>
        own.flatMap(({ name, x, y }) =>
          x.map((at, i) => [title, name, formatNumber(at, 4), formatNumber(y[i] as number, 4)]),
        ),
      ),
    },
  });
}
