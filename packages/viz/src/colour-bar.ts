import { palettePosition, type Show } from './colour-range.ts';
import { formatNumber, formatSigned } from './format-number.ts';
import { hatchPath } from './hatch.ts';
import { toHex, type Rgb } from './oklab.ts';
import { colourTable } from './palette.ts';
import { widest } from './picture.ts';
import { shorten } from './text-width.ts';
import type { Theme } from './theme.ts';
import { element, textElement } from './xml.ts';

export interface ColourBarOptions {
  readonly theme: Theme;
  readonly show: Show;
  readonly limit: number;
  readonly hatch: boolean;
  /** Length in pixels. */
  readonly length: number;
  readonly orientation: 'vertical' | 'horizontal';
  /** Name of the values. */
  readonly unit: string;
  /** Colour of a position; the palette by default. */
  readonly colourOf?: (position: number) => Rgb;
}

export interface ColourBar {
  readonly markup: string;
  readonly width: number;
  readonly height: number;
}

const THICKNESS = 12;
const FONT_SIZE = 11;
const CELLS = 120;

/** The legend of the palette: zero, both ends, and the halves between, in units of the attributions. */
export function colourBar(options: ColourBarOptions): ColourBar {
  const { theme, show, limit, length, orientation } = options;
  const unit = shorten(options.unit, FONT_SIZE, length);
  const colourOf = options.colourOf ?? ((position: number) => colourTable(theme.scheme).at(position));
  const [low, high] = endsOf(show);
  const vertical = orientation === 'vertical';
  // Distance from the low end, in pixels, of a position in the palette.
  const along = (position: number): number => ((position - low) / (high - low)) * length;
  const markup: string[] = [];
  const block = (from: number, to: number): { x: number; y: number; width: number; height: number } =>
    vertical
      ? { x: 0, y: length - to, width: THICKNESS, height: to - from }
      : { x: from, y: 0, width: to - from, height: THICKNESS };
  for (let i = 0; i < CELLS; i++) {
    const position = limit === 0 ? 0 : low + ((i + 0.5) / CELLS) * (high - low);
    const end = Math.min(length, ((i + 1.5) / CELLS) * length); // overlaps its neighbour: no seams
    markup.push(element('rect', { ...block((i / CELLS) * length, end), fill: toHex(colourOf(position)) }));
  }
  if (options.hatch && low < 0 && limit > 0) {
    const { x, y, width, height } = block(0, along(0));
    markup.push(
      element('path', {
        d: hatchPath(x, y, width, height),
        stroke: theme.text,
        'stroke-opacity': 0.33,
        'stroke-width': 1,
      }),
    );
  }
  const ticks = limit === 0 ? [0] : [low, (low + high) / 2, high].concat(show === 'signed' ? [-0.5, 0.5] : []);
  const labels = ticks.map((t) => tickLabel(t, options));
  for (const [i, tick] of ticks.entries()) {
    const at = limit === 0 ? along((low + high) / 2) : along(tick);
    const line = vertical
      ? { x1: THICKNESS, x2: THICKNESS + 4, y1: length - at, y2: length - at }
      : { x1: at, x2: at, y1: THICKNESS, y2: THICKNESS + 4 };
    markup.push(element('line', { ...line, stroke: theme.control, 'stroke-width': 1 }));
    markup.push(
      textElement(labels[i] as string, {
        ...(vertical ? { x: THICKNESS + 8, y: length - at + FONT_SIZE * 0.36 } : { x: at, y: THICKNESS + 17 }),
        'text-anchor': vertical ? undefined : at === 0 ? 'start' : at >= length ? 'end' : 'middle',
        'font-size': FONT_SIZE,
        fill: theme.secondary,
      }),
    );
  }
  const labelWidth = widest(labels, FONT_SIZE) + 10;
  if (vertical) {
    const x = THICKNESS + 8 + labelWidth + 8;
    markup.push(
      textElement(unit, {
        transform: `translate(${x} ${length / 2}) rotate(-90)`,
        'text-anchor': 'middle',
        'font-size': FONT_SIZE,
        fill: theme.secondary,
      }),
    );
    return { markup: markup.join(''), width: x + 4, height: length };
  }
  markup.push(textElement(unit, { x: 0, y: THICKNESS + 34, 'font-size': FONT_SIZE, fill: theme.secondary }));
  return { markup: markup.join(''), width: length, height: THICKNESS + 38 };
}

/** The part of the palette that a picture uses, from -1 to 1. */
function endsOf(show: Show): [low: number, high: number] {
  if (show === 'signed') return [-1, 1];
  return show === 'negative' ? [-1, 0] : [0, 1];
}

function tickLabel(position: number, { show, limit }: ColourBarOptions): string {
  if (position === 0) return '0';
  const value = palettePosition(position, show, 1) * limit;
  return show === 'absolute' ? formatNumber(value) : formatSigned(value);
}
