import { argumentError, shapeError, type Attribution } from '@pathwise/model';
import { colourBar } from './colour-bar.ts';
import { colourRange, palettePosition } from './colour-range.ts';
import { altBeginning, headingOf, unitName } from './describe.ts';
import { formatNumber, formatPercent, formatSigned, formatTick, niceTicks } from './format-number.ts';
import { hatchPath, isHatched } from './hatch.ts';
import { toHex } from './oklab.ts';
import type { PictureOptions } from './options.ts';
import { colourTable } from './palette.ts';
import { frame, widest, type Picture } from './picture.ts';
import { lineThrough } from './saturation-curve.ts';
import { selectRow } from './select-row.ts';
import { shorten } from './text-width.ts';
import { themes } from './theme.ts';
import { element, textElement } from './xml.ts';

export interface SeriesOptions extends PictureOptions {
  /** The series that was explained, in the order of the attributions; drawn as the line. */
  readonly values: readonly number[];
  /** One name a channel. */
  readonly featureNames?: readonly string[];
}

const PLOT_WIDTH = 520;
const PLOT_HEIGHT = 96;
const PANEL_HEIGHT = PLOT_HEIGHT + 36;
const TICK_SIZE = 11;

/**
 * A series as a line over the colours of its attributions, one panel a channel.
 *
 * @param attribution - attributed tensor of shape [rows,length] or [rows,channels,length]
 * @throws PathwiseError BAD_SHAPE for another rank; BAD_ARGUMENT when `values` has another length
 */
export function series(attribution: Attribution, options: SeriesOptions): Picture {
  const { scheme = 'light', show = 'signed', hatch = true, values } = options;
  const theme = themes[scheme];
  const row = selectRow(attribution, options);
  const { shape } = row;
  if (shape.length !== 1 && shape.length !== 2) {
    throw shapeError('series', row.tensor, '[rows,length] or [rows,channels,length]', ['rows', ...shape]);
  }
  if (values.length !== row.values.length) {
    throw argumentError('series', 'values', `${row.values.length} numbers, one an attribution`, values.length);
  }
  const length = shape.at(-1) as number;
  const channels = row.values.length / length;
  const range = colourRange(row.values, options);
  const names = Array.from(
    { length: channels },
    (_, c) => options.featureNames?.[c] ?? (channels > 1 ? `${row.tensor}[${c}]` : row.tensor),
  );
  const scales = names.map((_, c) => scaleOf(values.slice(c * length, (c + 1) * length)));
  const left =
    widest(
      scales.flatMap((s) => s.ticks.map((t) => formatTick(t, s.step))),
      TICK_SIZE,
    ) + 12;
  const step = PLOT_WIDTH / length;
  const panels = names.map((name, c) => {
    const { low, high, ticks, step: tickStep } = scales[c] as ReturnType<typeof scaleOf>;
    const yOf = (v: number): number => 20 + PLOT_HEIGHT * (1 - (v - low) / (high - low));
    const parts = [textElement(shorten(name, 12, PLOT_WIDTH), { x: 0, y: 12, 'font-size': 12, fill: theme.text })];
    for (let i = 0; i < length; i++) {
      const position = palettePosition(row.values[c * length + i] as number, show, range.limit);
      const block = { x: i * step, y: 20, width: Math.min(step * 1.05, PLOT_WIDTH - i * step), height: PLOT_HEIGHT };
      parts.push(element('rect', { ...block, fill: toHex(colourTable(scheme).at(position)) }));
      // Along the lower edge, so that the line stays clear.
      if (hatch && isHatched(position) && step >= 2) {
        const d = hatchPath(i * step, 20 + PLOT_HEIGHT - 6, step, 6, 4);
        parts.push(element('path', { d, stroke: theme.text, 'stroke-opacity': 0.4 }));
      }
    }
    for (const tick of ticks) {
      const place = { x: -8, y: yOf(tick) + 4, 'text-anchor': 'end', 'font-size': TICK_SIZE, fill: theme.secondary };
      parts.push(textElement(formatTick(tick, tickStep), place));
    }
    const x = Array.from({ length }, (_, i) => (i + 0.5) * step);
    const d = lineThrough(x, values.slice(c * length, (c + 1) * length).map(yOf));
    parts.push(
      element('path', { d, fill: 'none', stroke: theme.text, 'stroke-width': 1.5, 'stroke-linejoin': 'round' }),
    );
    return element('g', { transform: `translate(${left} ${c * PANEL_HEIGHT})` }, parts.join(''));
  });
  const unit = unitName(attribution, row.row);
  const bar = colourBar({ theme, show, limit: range.limit, hatch, length: 260, orientation: 'horizontal', unit });
  const barTop = channels * PANEL_HEIGHT + 4;
  const order = [...row.values.keys()].sort(
    (a, b) => Math.abs(row.values[b] as number) - Math.abs(row.values[a] as number),
  );
  const strongest = order.slice(0, 3).map((i) => `position ${i % length} ${formatSigned(row.values[i] as number)}`);
  return frame({
    theme,
    body: panels.join('') + element('g', { transform: `translate(${left} ${barTop})` }, bar.markup),
    bodyWidth: left + PLOT_WIDTH,
    bodyHeight: barTop + bar.height,
    heading: options.heading === false ? undefined : headingOf(attribution, row.row, options),
    notes:
      range.limit === 0
        ? ['All attributions are zero.']
        : range.clippedShare > 0
          ? [`${formatPercent(range.clippedShare)} of the values clipped`]
          : [],
    alt: `${altBeginning(attribution, row.row, options.labels)} ${range.limit === 0 ? 'All attributions are zero.' : `Strongest: ${strongest.join(', ')}.`}`,
    table: {
      caption: `Attribution of each position (${unit})`,
      columns: ['Channel', 'Position', 'Value', 'Attribution'],
      rows: Array.from(row.values, (v, i) => [
        names[Math.floor(i / length)] as string,
        String(i % length),
        formatNumber(values[i] as number, 4),
        formatSigned(v, 4),
      ]),
    },
  });
}

function scaleOf(values: readonly number[]): { low: number; high: number; ticks: number[]; step: number } {
  const finite = values.filter(Number.isFinite);
  let low = finite.reduce((a, b) => Math.min(a, b), Infinity);
  let high = finite.reduce((a, b) => Math.max(a, b), -Infinity);
  if (!(high > low)) [low, high] = Number.isFinite(low) ? [low - 0.5, low + 0.5] : [0, 1];
  const room = 0.08 * (high - low);
  return { low: low - room, high: high + room, ...niceTicks(low, high, 3) };
}
