import { argumentError, type Attribution, type PathCurve } from '@pathwise/model';
import { altBeginning, headingOf, targetName } from './describe.ts';
import { formatNumber, formatTick, niceTicks } from './format-number.ts';
import type { PictureOptions } from './options.ts';
import { frame, NOTE_SIZE, widest, type Picture } from './picture.ts';
import { shorten } from './text-width.ts';
import { themes, type Theme } from './theme.ts';
import { coordinate, element, textElement } from './xml.ts';

/** The curve has no tensor, colours or signs to choose. */
export type SaturationCurveOptions = Pick<PictureOptions, 'row' | 'scheme' | 'heading' | 'title' | 'labels'>;

interface Panel {
  readonly title: string;
  readonly values: readonly number[];
  /** A dashed line at this value. */
  readonly level?: number;
}

const PLOT_WIDTH = 400;
const PLOT_HEIGHT = 84;
const PANEL_HEIGHT = PLOT_HEIGHT + 40;
const TICK_SIZE = 11;

/**
 * What happens along the path of one row: the output, the norm of its gradient, and the attributions summed up so
 * far, against alpha. A vertical line marks where half of the change of the output has happened.
 *
 * @throws PathwiseError BAD_ARGUMENT when the attribution carries no curve for the row
 * @source Sundararajan, Taly, Yan 2016, arXiv:1611.02639 (interior gradients, saturation)
 */
export function saturationCurve(attribution: Attribution, options: SaturationCurveOptions = {}): Picture {
  const { row = 0, scheme = 'light' } = options;
  const curve = attribution.curves?.[row];
  if (curve === undefined || curve.alphas.length === 0) {
    throw argumentError(
      'saturationCurve',
      'row',
      'a row with a curve',
      row,
      'Only path methods asked for curves have one.',
    );
  }
  const theme = themes[scheme];
  const target = targetName(attribution, row, options.labels);
  const baseline = attribution.outputAtBaseline?.[row];
  const change = baseline === undefined ? undefined : (attribution.outputAtInput[row] as number) - baseline;
  const panels: Panel[] = [
    { title: `F: ${target}`, values: curve.outputs },
    { title: 'Norm of the gradient', values: curve.gradientNorms },
    {
      title: `Attribution summed up to α${change === undefined ? '' : ' (dashed: F(x) − F(x′))'}`,
      values: curve.cumulative,
      ...(change !== undefined && { level: change }),
    },
  ];
  const scales = panels.map(scaleOf);
  const left =
    widest(
      scales.flatMap((s) => s.ticks.map((t) => formatTick(t, s.step))),
      TICK_SIZE,
    ) + 12;
  const body = panels.map((panel, i) =>
    element(
      'g',
      { transform: `translate(${left} ${i * PANEL_HEIGHT})` },
      drawPanel(panel, scales[i] as Scale, curve, theme),
    ),
  );
  const bottom = panels.length * PANEL_HEIGHT;
  body.push(element('g', { transform: `translate(${left} ${bottom - 18})` }, alphaAxis(theme)));
  return frame({
    theme,
    body: body.join(''),
    bodyWidth: left + PLOT_WIDTH + 12,
    bodyHeight: bottom + 14,
    heading: options.heading === false ? undefined : headingOf(attribution, row, options),
    notes: [sentenceOf(curve)],
    alt: `${altBeginning(attribution, row, options.labels)} ${sentenceOf(curve)}`,
    table: {
      caption: 'Along the path from the baseline (α = 0) to the input (α = 1)',
      columns: ['α', 'F', 'Gradient norm', 'Summed attribution'],
      rows: curve.alphas.map((alpha, i) => [
        formatNumber(alpha),
        ...[curve.outputs, curve.gradientNorms, curve.cumulative].map((v) => formatNumber(v[i] ?? Number.NaN, 4)),
      ]),
    },
  });
}

interface Scale {
  readonly low: number;
  readonly high: number;
  readonly ticks: readonly number[];
  readonly step: number;
}

function scaleOf({ values, level }: Panel): Scale {
  const finite = [...values, ...(level === undefined ? [] : [level]), 0].filter(Number.isFinite);
  let [low, high] = [Math.min(...finite), Math.max(...finite)];
  if (low === high) [low, high] = [0, 1];
  const room = 0.06 * (high - low);
  const { ticks, step } = niceTicks(low, high, 3);
  return { low: low < 0 ? low - room : low, high: high > 0 ? high + room : high, ticks, step };
}

function drawPanel({ title, values, level }: Panel, scale: Scale, curve: PathCurve, theme: Theme): string {
  const top = 22;
  const xOf = (alpha: number): number => alpha * PLOT_WIDTH;
  const yOf = (v: number): number => top + PLOT_HEIGHT * (1 - (v - scale.low) / (scale.high - scale.low));
  const parts = [textElement(shorten(title, 12, PLOT_WIDTH), { x: 0, y: 12, 'font-size': 12, fill: theme.text })];
  for (const tick of scale.ticks) {
    const y = yOf(tick);
    parts.push(
      element('line', { x1: 0, x2: PLOT_WIDTH, y1: y, y2: y, stroke: tick === 0 ? theme.control : theme.grid }),
    );
    const place = { x: -8, y: y + 4, 'text-anchor': 'end', 'font-size': TICK_SIZE, fill: theme.secondary };
    parts.push(textElement(formatTick(tick, scale.step), place));
  }
  if (curve.halfChangeAlpha !== null) {
    const x = xOf(curve.halfChangeAlpha);
    const line = { x1: x, x2: x, y1: top, y2: top + PLOT_HEIGHT, stroke: theme.secondary, 'stroke-dasharray': '2 3' };
    parts.push(element('line', line));
  }
  if (level !== undefined) {
    const line = { x1: 0, x2: PLOT_WIDTH, y1: yOf(level), y2: yOf(level), stroke: theme.secondary };
    parts.push(element('line', { ...line, 'stroke-dasharray': '5 4' }));
  }
  parts.push(
    element('path', {
      d: lineThrough(curve.alphas.map(xOf), values.map(yOf)),
      fill: 'none',
      stroke: theme.accent,
      'stroke-width': 2,
      'stroke-linejoin': 'round',
    }),
  );
  return parts.join('');
}

function alphaAxis(theme: Theme): string {
  const text = { y: 14, 'font-size': TICK_SIZE, fill: theme.secondary, 'text-anchor': 'middle' };
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((a) => textElement(String(a), { ...text, x: a * PLOT_WIDTH }));
  return (
    ticks.join('') +
    textElement('α, from the baseline to the input', { ...text, x: PLOT_WIDTH / 2, y: 31, 'font-size': NOTE_SIZE })
  );
}

/** Path data; a point that is not finite interrupts the line. */
export function lineThrough(x: readonly number[], y: readonly number[]): string {
  let pen = 'M';
  let d = '';
  for (const [i, u] of x.entries()) {
    const v = y[i] as number;
    if (!Number.isFinite(v)) {
      pen = 'M';
      continue;
    }
    d += `${pen}${coordinate(u)} ${coordinate(v)}`;
    pen = 'L';
  }
  return d;
}

function sentenceOf({ halfChangeAlpha, saturated }: PathCurve): string {
  const half =
    halfChangeAlpha === null
      ? 'The output is the same at both ends of the path.'
      : `Half of the change has happened at α = ${formatNumber(halfChangeAlpha, 2)} (dotted).`;
  return saturated
    ? `${half} Saturated: at the input the gradient is at most a tenth of its largest value on the path.`
    : `${half} Not saturated at the input.`;
}
