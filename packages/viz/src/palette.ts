import { contrast, mixOklab, parseHex, type Rgb } from './oklab.ts';

export type Scheme = 'light' | 'dark';
export type Sign = 'negative' | 'positive';

/**
 * The diverging palette: blue negative, orange positive, six stops from zero to the extreme
 * (|value| = 0, 0.2, 0.4, 0.6, 0.8, 1). Both sides have the same lightness at every stop, so
 * neither sign looks stronger; the hues stay apart under the common colour-vision deficiencies.
 */
export const divergingStops: Readonly<Record<Scheme, Readonly<Record<Sign, readonly string[]>>>> = {
  light: {
    negative: ['#f6f6f6', '#c7dfff', '#97c4fe', '#61a5fc', '#3785e2', '#1263b9'],
    positive: ['#f6f6f6', '#fed4c3', '#fcaf91', '#f2865a', '#d5612e', '#ad4001'],
  },
  dark: {
    negative: ['#211f1e', '#1f3b57', '#22578a', '#2d78bd', '#519ae2', '#7ebeff'],
    positive: ['#211f1e', '#53311c', '#82441d', '#b35d25', '#d87f4a', '#faa474'],
  },
};

/**
 * The colour of a value: linear in the value between the stops, straight in OKLab.
 * @param value - -1 (most negative) to 1 (most positive); values beyond are clipped
 */
export function divergingColour(value: number, scheme: Scheme = 'light'): Rgb {
  const stops = divergingStops[scheme][value < 0 ? 'negative' : 'positive'];
  const position = Math.min(Math.abs(value), 1) * (stops.length - 1);
  const lower = Math.min(Math.floor(position), stops.length - 2);
  return mixOklab(parseHex(stops[lower] as string), parseHex(stops[lower + 1] as string), position - lower);
}

/** A fast look-up of {@link divergingColour}: 256 levels a side. */
export interface ColourTable {
  readonly scheme: Scheme;
  /** The colour of a value from -1 to 1. */
  at(value: number): Rgb;
}

const LEVELS = 255;
const tables = new Map<Scheme, ColourTable>();

/** The look-up table of a scheme, computed once. */
export function colourTable(scheme: Scheme): ColourTable {
  let table = tables.get(scheme);
  if (table === undefined) {
    const colours = Array.from({ length: 2 * LEVELS + 1 }, (_, i) => divergingColour((i - LEVELS) / LEVELS, scheme));
    table = {
      scheme,
      at: (value) => colours[Math.round(Math.min(Math.max(value, -1), 1) * LEVELS) + LEVELS] as Rgb,
    };
    tables.set(scheme, table);
  }
  return table;
}

/** Of two text colours, the one that reads better on `background`. */
export function readableOn(background: Rgb, first: string, second: string): string {
  return contrast(background, parseHex(first)) >= contrast(background, parseHex(second)) ? first : second;
}
