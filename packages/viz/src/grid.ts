import type { Picture } from './picture.ts';
import { shorten } from './text-width.ts';
import type { Theme } from './theme.ts';
import { element, textElement } from './xml.ts';

/** A picture without heading, and what stands above it. */
export interface Cell {
  readonly caption: string;
  readonly picture: Pick<Picture, 'svg' | 'width' | 'height'>;
}

export interface GridOptions {
  readonly theme: Theme;
  readonly columns: number;
  /** Width of every picture, in pixels; by default its own. */
  readonly cellWidth?: number;
}

const GAP = 16;
const CAPTION_SIZE = 12;
const CAPTION_HEIGHT = 20;

/** Pictures in rows and columns, each under its caption; rows are as high as their highest picture. */
export function grid(
  cells: readonly Cell[],
  { theme, columns, cellWidth }: GridOptions,
): { body: string; width: number; height: number } {
  const parts: string[] = [];
  let [top, right] = [0, 0];
  for (let start = 0; start < cells.length; start += columns) {
    let [left, tallest] = [0, 0];
    for (const { caption, picture } of cells.slice(start, start + columns)) {
      const scale = cellWidth === undefined ? 1 : cellWidth / picture.width;
      const width = picture.width * scale;
      const place = { x: left, y: top + CAPTION_SIZE + 1, 'font-size': CAPTION_SIZE, fill: theme.text };
      parts.push(textElement(shorten(caption, CAPTION_SIZE, width), place));
      const at = `translate(${left} ${top + CAPTION_HEIGHT})${scale === 1 ? '' : ` scale(${scale})`}`;
      parts.push(element('g', { transform: at }, picture.svg));
      left += width + GAP;
      tallest = Math.max(tallest, picture.height * scale);
    }
    right = Math.max(right, left - GAP);
    top += CAPTION_HEIGHT + tallest + GAP;
  }
  return { body: parts.join(''), width: right, height: Math.max(0, top - GAP) };
}
