import { shorten, textWidth, wrapText } from './text-width.ts';
import { FONT_FAMILY, type Theme } from './theme.ts';
import { element, escapeXml, textElement } from './xml.ts';

/** The numbers behind a picture. */
export interface DataTable {
  readonly caption: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** A drawn picture. */
export interface Picture {
  /** A whole SVG document: self-contained, no script, no external reference. */
  readonly svg: string;
  /** Size in CSS pixels. */
  readonly width: number;
  readonly height: number;
  /** What the picture says, in words. */
  readonly alt: string;
  readonly table: DataTable;
}

/** What a picture is made of, before it gets its frame. */
export interface PictureParts {
  readonly theme: Theme;
  /** Markup of the body, drawn with its top left corner at (0, 0). */
  readonly body: string;
  readonly bodyWidth: number;
  readonly bodyHeight: number;
  /** Lines above the body; none without heading. */
  readonly heading?: Heading | undefined;
  readonly notes: readonly string[];
  readonly alt: string;
  readonly table: DataTable;
}

export interface Heading {
  readonly title: string;
  readonly subtitle: string;
}

/** Around a picture that stands alone; without heading it stands on a page that has its own. */
const MARGIN = 20;
const MARGIN_WITHIN_PAGE = 2;
const TITLE_SIZE = 15;
const SUBTITLE_SIZE = 12;
export const NOTE_SIZE = 11;

/** Puts heading, body and notes on the page's colour. */
export function frame(parts: PictureParts): Picture {
  const { theme, bodyWidth, alt, table } = parts;
  const margin = parts.heading === undefined ? MARGIN_WITHIN_PAGE : MARGIN;
  const textSpace = Math.max(bodyWidth, 300);
  const width = Math.ceil(textSpace + 2 * margin);
  const lines: string[] = [];
  let y = margin;
  const write = (text: string, size: number, lineHeight: number, colour: string, weight?: number): void => {
    for (const line of wrapText(text, size, textSpace)) {
      y += lineHeight;
      lines.push(
        textElement(shorten(line, size, textSpace), {
          x: margin,
          y: y - lineHeight * 0.28,
          'font-size': size,
          fill: colour,
          'font-weight': weight,
        }),
      );
    }
  };
  if (parts.heading !== undefined) {
    write(parts.heading.title, TITLE_SIZE, 20, theme.text, 600);
    if (parts.heading.subtitle !== '') write(parts.heading.subtitle, SUBTITLE_SIZE, 18, theme.secondary);
    y += 14;
  }
  const bodyTop = y;
  y += parts.bodyHeight;
  if (parts.notes.length > 0) y += 8;
  for (const note of parts.notes) write(note, NOTE_SIZE, 16, theme.secondary);
  const height = Math.ceil(y + margin);
  const svg = element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      width,
      height,
      viewBox: `0 0 ${width} ${height}`,
      role: 'img',
      'aria-label': alt,
      'font-family': FONT_FAMILY,
    },
    `<title>${escapeXml(parts.heading?.title ?? alt)}</title>`,
    element('rect', { width, height, fill: theme.paper }),
    ...lines,
    element('g', { transform: `translate(${margin} ${bodyTop})` }, parts.body),
  );
  return { svg, width, height, alt, table };
}

/** The widest of some texts, in pixels. */
export function widest(texts: readonly string[], fontSize: number): number {
  return texts.reduce((w, text) => Math.max(w, textWidth(text, fontSize)), 0);
}
