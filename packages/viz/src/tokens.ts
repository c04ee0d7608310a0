import { shapeError, type Attribution } from '@pathwise/model';
import { colourBar } from './colour-bar.ts';
import { colourRange, palettePosition } from './colour-range.ts';
import { altBeginning, headingOf, unitName } from './describe.ts';
import { formatPercent, formatSigned, formatTick } from './format-number.ts';
import { hatchPath, isHatched } from './hatch.ts';
import { toHex } from './oklab.ts';
import type { PictureOptions } from './options.ts';
import { colourTable, readableOn } from './palette.ts';
import { frame, type Picture } from './picture.ts';
import { selectRow, type RowOfAttribution } from './select-row.ts';
import { shorten, textWidth } from './text-width.ts';
import { themes, type Theme } from './theme.ts';
import { element, textElement } from './xml.ts';

export interface TokensOptions extends PictureOptions {
  /** One text a token, in order. */
  readonly tokens?: readonly string[];
  /** The number under each token (default: up to 80 tokens). */
  readonly showValues?: boolean;
  /** Width of the text in pixels (default 560). */
  readonly width?: number;
}

interface Chip {
  readonly text: string;
  readonly value: number;
  readonly number: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

const FONT_SIZE = 14;
const VALUE_SIZE = 9.5;
const CHIP_HEIGHT = 24;
const PADDING = 5;
const GAP = 4;

/**
 * The tokens of a text, each on the colour of its attribution, which is the sum over the axes after the token axis.
 *
 * @param attribution - attributed tensor of shape [rows,tokens] or [rows,tokens,...]
 * @throws PathwiseError BAD_SHAPE when there are more or fewer tokens than the tensor has
 */
export function tokens(attribution: Attribution, options: TokensOptions = {}): Picture {
  const { scheme = 'light', show = 'signed', hatch = true, width = 560 } = options;
  const theme = themes[scheme];
  const row = selectRow(attribution, options);
  const values = tokenSums(row);
  const texts = options.tokens ?? Array.from(values, (_, i) => String(i));
  if (texts.length !== values.length) {
    throw shapeError('tokens', row.tensor, `[rows,${texts.length},…] for ${texts.length} tokens`, [
      'rows',
      ...row.shape,
    ]);
  }
  const range = colourRange(values, { clipPercentile: 100, ...options });
  const withValues = options.showValues ?? texts.length <= 80;
  // Three digits of the largest: numbers of one text share their decimals.
  const step = range.largest === 0 ? 1 : 10 ** (Math.floor(Math.log10(range.largest)) - 2);
  const numbers = withValues ? Array.from(values, (v) => signedTick(v, step)) : undefined;
  const { chips, height } = layOut(texts, values, numbers, width);
  const body = chips.map((chip) => {
    const position = palettePosition(chip.value, show, range.limit);
    return drawChip(chip, position, theme, hatch);
  });
  const unit = unitName(attribution, row.row);
  const bar = colourBar({
    theme,
    show,
    limit: range.limit,
    hatch,
    length: Math.min(width, 260),
    orientation: 'horizontal',
    unit,
  });
  const barTop = height + 18;
  const zero = range.limit === 0;
  return frame({
    theme,
    body: body.join('') + element('g', { transform: `translate(0 ${barTop})` }, bar.markup),
    bodyWidth: width,
    bodyHeight: barTop + bar.height,
    heading: options.heading === false ? undefined : headingOf(attribution, row.row, options),
    notes: zero
      ? ['All attributions are zero.']
      : range.clippedShare > 0
        ? [`${formatPercent(range.clippedShare)} of tokens clipped`]
        : [],
    alt: `${altBeginning(attribution, row.row, options.labels)} ${strongest(texts, values)}`,
    table: {
      caption: `Attribution of each token (${unit})`,
      columns: ['Position', 'Token', 'Attribution'],
      rows: texts.map((text, i) => [String(i), text, formatSigned(values[i] as number, 4)]),
    },
  });
}

/** Sums over all axes after the first; [] and [n] stay as they are. */
function tokenSums({ shape, values }: RowOfAttribution): Float64Array {
  const count = shape[0] ?? 1;
  const inner = values.length / count;
  return Float64Array.from({ length: count }, (_, i) =>
    values.subarray(i * inner, (i + 1) * inner).reduce((a, b) => a + b, 0),
  );
}

function layOut(
  texts: readonly string[],
  values: Float64Array,
  numbers: readonly string[] | undefined,
  width: number,
): { chips: Chip[]; height: number } {
  const lineHeight = CHIP_HEIGHT + (numbers ? 20 : 8);
  const chips: Chip[] = [];
  let [x, y] = [0, 0];
  for (const [i, raw] of texts.entries()) {
    const text = shorten(visible(raw), FONT_SIZE, width - 2 * PADDING);
    const value = values[i] as number;
    const number = numbers?.[i] ?? '';
    const numberWidth = textWidth(number, VALUE_SIZE);
    const chipWidth = Math.min(width, Math.max(textWidth(text, FONT_SIZE) + 2 * PADDING, numberWidth + 4, 14));
    if (x > 0 && x + chipWidth > width) [x, y] = [0, y + lineHeight];
    chips.push({ text, value, number, x, y, width: chipWidth });
    x += chipWidth + GAP;
    // A line break in the text is one in the picture.
    if (/\n/u.test(raw)) [x, y] = [0, y + lineHeight];
  }
  return { chips, height: y + (x === 0 && chips.length > 0 ? 0 : lineHeight) };
}

function drawChip({ text, number, x, y, width }: Chip, position: number, theme: Theme, hatch: boolean): string {
  const fill = colourTable(theme.scheme).at(position);
  const ink = readableOn(fill, theme.text, theme.paper);
  const parts = [element('rect', { x, y, width, height: CHIP_HEIGHT, rx: 3, fill: toHex(fill) })];
  if (hatch && isHatched(position)) {
    // Along the lower edge only: the text stays clear.
    const stripe = { d: hatchPath(x + 1, y + CHIP_HEIGHT - 4, width - 2, 4, 4), stroke: ink, 'stroke-opacity': 0.45 };
    parts.push(element('path', stripe));
  }
  const middle = x + width / 2;
  parts.push(textElement(text, { x: middle, y: y + 16.5, 'text-anchor': 'middle', 'font-size': FONT_SIZE, fill: ink }));
  if (number !== '') {
    const place = { x: middle, y: y + CHIP_HEIGHT + 10.5, 'text-anchor': 'middle', 'font-size': VALUE_SIZE };
    parts.push(textElement(number, { ...place, fill: theme.secondary }));
  }
  return parts.join('');
}

function signedTick(value: number, step: number): string {
  if (Math.abs(value) < step / 2) return '0';
  return (value > 0 ? '+' : '') + formatTick(value, step);
}

function visible(text: string): string {
  const shown = text.replace(/\n/gu, '↵').replace(/\t/gu, '→');
  return shown.trim() === '' ? '␣' : shown;
}

function strongest(texts: readonly string[], values: Float64Array): string {
  if (values.every((v) => v === 0)) return 'All attributions are zero.';
  const list = [...values.entries()]
    .sort((a, b) => Math.abs(b[1]) - Math.abs(a[1]))
    .slice(0, 3)
    .map(([i, v]) => `“${texts[i]}” ${formatSigned(v)}`);
  return `Strongest tokens: ${list.join(', ')}.`;
}
