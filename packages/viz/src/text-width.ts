// Widths of Inter in em, by groups of characters that differ little; layouts leave room for wider fonts.
const ROOM = 1.1;
const NARROW = /[ijlI.,:;'|!`()[\]{} ]/u;
const SMALL = /[frt1"\-/\\*]/u;
const WIDE = /[mwMWQOGDHNU@%&+=<>~−×≈]/u;
const UPPER = /[A-Z]/u;
const FULL =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6]|\p{Extended_Pictographic}/u;

/** Width to plan for a line of text, in pixels: an estimate on the generous side. */
export function textWidth(text: string, fontSize: number): number {
  let em = 0;
  for (const c of text) em += widthOf(c);
  return ROOM * em * fontSize;
}

/** The text, shortened with an ellipsis in the middle when it is wider than `maxWidth` pixels. */
export function shorten(text: string, fontSize: number, maxWidth: number): string {
  if (textWidth(text, fontSize) <= maxWidth) return text;
  const characters = Array.from(new Intl.Segmenter().segment(text), (part) => part.segment);
  let keep = characters.length - 1;
  let short = '…';
  while (keep > 0) {
    const tail = Math.floor(keep / 3);
    short = `${characters.slice(0, keep - tail).join('')}…${tail === 0 ? '' : characters.slice(-tail).join('')}`;
    if (textWidth(short, fontSize) <= maxWidth) return short;
    keep--;
  }
  return '…';
}

/** Breaks a text at spaces into lines of at most `maxWidth` pixels; a longer word stands alone. */
export function wrapText(text: string, fontSize: number, maxWidth: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/u)) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && textWidth(longer, fontSize) > maxWidth) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  lines.push(line);
  return lines;
}

function widthOf(c: string): number {
  if (NARROW.test(c)) return 0.3;
  if (SMALL.test(c)) return 0.42;
  if (FULL.test(c)) return 1;
  if (/\p{M}/u.test(c)) return 0;
  if (WIDE.test(c)) return 0.77;
  return UPPER.test(c) ? 0.66 : 0.59;
}
