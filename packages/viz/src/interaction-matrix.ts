import { argumentError } from '@pathwise/model';
import { colourBar } from './colour-bar.ts';
import { formatNumber, formatSigned } from './format-number.ts';
import { hatchPath, isHatched } from './hatch.ts';
import { toHex } from './oklab.ts';
import type { PictureOptions } from './options.ts';
import { colourTable, readableOn } from './palette.ts';
import { frame, widest, type Heading, type Picture } from './picture.ts';
import { shorten } from './text-width.ts';
import { themes } from './theme.ts';
import { element, textElement } from './xml.ts';

export interface InteractionMatrixOptions extends Pick<PictureOptions, 'scheme' | 'hatch' | 'limit'> {
  readonly heading?: Heading;
  /** What a cell is, for the legend. */
  readonly unit?: string;
  /** The cells of the diagonal are another thing (effects of one feature alone) and get their own note. */
  readonly diagonal?: string;
  /** Values nearer to 0 than this say nothing but that: beside the diagonal, and on it. */
  readonly resolved?: readonly [pairs: number, diagonal: number];
}

const SIZE = 11;
const NUMBER_SIZE = 10;
const NAME_WIDTH = 140;
/** Beyond so many features cells hold no numbers. */
const MOST_NUMBERS = 12;

/**
 * Pairwise interactions as a square of colours; zero is the middle of the palette.
 *
 * @param names - one a feature
 * @param values - [n,n], row-major
 * @throws PathwiseError BAD_ARGUMENT when there are not n times n finite values
 */
export function interactionMatrix(
  names: readonly string[],
  values: readonly number[],
  options: InteractionMatrixOptions = {},
): Picture {
  const { scheme = 'light', hatch = true, unit = 'interaction', resolved = [0, 0] } = options;
  const theme = themes[scheme];
  const n = names.length;
  if (n === 0 || values.length !== n * n || !values.every(Number.isFinite)) {
    throw argumentError('interactionMatrix', 'values', `${n} x ${n} finite numbers`, values.length);
  }
  const limit = options.limit ?? values.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
  const texts = names.map((name) => shorten(name, SIZE, NAME_WIDTH));
  const cell = n <= MOST_NUMBERS ? 46 : Math.max(8, Math.floor(420 / n));
  const left = widest(texts, SIZE) + 8;
  const parts: string[] = [];
  for (let i = 0; i < n; i++) {
    const along = (i + 0.5) * cell;
    const place = { 'font-size': SIZE, fill: theme.text };
    parts.push(textElement(texts[i] as string, { ...place, x: left - 6, y: along + 4, 'text-anchor': 'end' }));
    const turned = `translate(${left + along + 4} ${n * cell + 8}) rotate(-60)`;
    parts.push(textElement(texts[i] as string, { ...place, transform: turned, 'text-anchor': 'end' }));
    for (let j = 0; j < n; j++) {
      const value = values[i * n + j] as number;
      const position = limit === 0 ? 0 : Math.min(Math.max(value / limit, -1), 1);
      const colour = colourTable(scheme).at(position);
      const [x, y] = [left + j * cell, i * cell];
      parts.push(element('rect', { x, y, width: cell, height: cell, fill: toHex(colour), stroke: theme.paper }));
      if (hatch && isHatched(position)) {
        const d = hatchPath(x + 1, y + 1, cell - 2, cell - 2, Math.max(4, cell / 5));
        parts.push(element('path', { d, stroke: theme.text, 'stroke-opacity': 0.25 }));
      }
      if (n > MOST_NUMBERS) continue;
      const fill = readableOn(colour, theme.text, theme.paper);
      const number = { x: x + cell / 2, y: y + cell / 2 + 4, 'text-anchor': 'middle', 'font-size': NUMBER_SIZE, fill };
      const known = value === 0 || Math.abs(value) >= resolved[i === j ? 1 : 0];
      parts.push(textElement(known ? fitting(value, cell - 4) : '≈0', number));
    }
  }
  const side = n * cell;
  const bar = colourBar({
    theme,
    show: 'signed',
    limit,
    hatch,
    length: Math.min(Math.max(side, 120), 260),
    orientation: 'vertical',
    unit,
  });
  parts.push(element('g', { transform: `translate(${left + side + 20} 6)` }, bar.markup));
  const namesBelow = Math.min(NAME_WIDTH, widest(texts, SIZE)) * 0.87 + 14;
  const strongest = pairs(names, values).slice(0, 3);
  return frame({
    theme,
    body: parts.join(''),
    bodyWidth: left + side + 20 + bar.width,
    bodyHeight: Math.max(side + namesBelow, bar.height + 12),
    heading: options.heading,
    notes: [
      ...(limit === 0 ? ['All interactions are zero.'] : []),
      ...(options.diagonal === undefined ? [] : [`On the diagonal: ${options.diagonal}.`]),
    ],
    alt: `Interactions of ${n} features. Strongest: ${strongest.map((p) => `${p.name} ${formatSigned(p.value)}`).join(', ')}.`,
    table: {
      caption: `${unit}, strongest first`,
      columns: ['Pair', 'Value'],
      rows: pairs(names, values).map(({ name, value }) => [name, formatNumber(value, 4)]),
    },
  });
}

function pairs(names: readonly string[], values: readonly number[]): { name: string; value: number }[] {
  const n = names.length;
  return values
    .map((value, k) => ({
      name: `${names[Math.floor(k / n)]} and ${names[k % n]}`,
      value,
      i: Math.floor(k / n),
      j: k % n,
    }))
    .filter(({ i, j }) => i < j)
    .sort((a, b) => Math.abs(b.value) - Math.abs(a.value));
}

/** Two digits, or one where the cell has no room for them. */
function fitting(value: number, width: number): string {
  const text = formatSigned(value, 2);
  return widest([text], NUMBER_SIZE) <= width ? text : formatSigned(value, 1);
}
