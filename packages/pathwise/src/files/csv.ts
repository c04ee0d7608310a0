import { fileError, type Tensor } from '@pathwise/model';
import { checkedSize, DEFAULT_LIMITS, type FileLimits } from './limits.ts';

/** A table of numbers: shape [lines, columns], and the columns' names where the first line has them. */
export interface Table {
  readonly values: Tensor;
  readonly columns: readonly string[] | null;
}

/**
 * Reads a table of numbers, one example a line, separated by comma, semicolon or tab. A first line with a cell that is
 * no number names the columns.
 * @source RFC 4180 (quotes)
 * @throws PathwiseError BAD_FILE with line and column, LIMIT_EXCEEDED
 */
export function readCsv(bytes: Uint8Array, file: string, limits: FileLimits = DEFAULT_LIMITS): Table {
  const text = decode(bytes, file);
  const separator = separatorOf(text);
  const numbers: number[] = [];
  let columns: string[] | null = null;
  let width = -1;
  let lines = 0;
  for (const { cells, line } of recordsOf(text, separator, file)) {
    if (cells.length === 1 && cells[0]?.trim() === '') continue;
    if (width < 0) {
      width = cells.length;
      if (cells.some((cell) => parseNumber(cell) === null)) {
        columns = cells.map((cell) => cell.trim());
        continue;
      }
    }
    if (cells.length !== width) {
      throw fileError(file, `line ${line} has ${cells.length} cells, the first has ${width}`);
    }
    for (const [k, cell] of cells.entries()) {
      const value = parseNumber(cell);
      if (value === null) {
        throw fileError(
          file,
          `line ${line}, column ${k + 1}: "${shorten(cell)}" is no number`,
          {},
          'Encode text first',
        );
      }
      numbers.push(value);
    }
    lines++;
    checkedSize(file, [lines, width], limits);
  }
  if (lines === 0) throw fileError(file, 'holds no lines of numbers');
  return { values: { dtype: 'float64', shape: [lines, width], data: Float64Array.from(numbers) }, columns };
}

/** UTF-8 text without byte order mark. */
export function decode(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw fileError(file, 'is not UTF-8 text');
  }
}

function parseNumber(cell: string): number | null {
  const text = cell.trim();
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : null;
}

function separatorOf(text: string): string {
  const end = text.search(/[\r\n]/);
  const first = end < 0 ? text : text.slice(0, end);
  return [',', ';', '\t'].find((separator) => first.includes(separator)) ?? ',';
}

interface CsvRecord {
  readonly cells: string[];
  /** From 1. */
  readonly line: number;
}

function* recordsOf(text: string, separator: string, file: string): Generator<CsvRecord> {
  let line = 1;
  let at = 0;
  while (at < text.length) {
    const cells: string[] = [];
    const start = line;
    for (;;) {
      const quoted = text[at] === '"';
      const end = quoted ? closingQuote(text, at, file, line) : endOfCell(text, at, separator);
      const raw = quoted ? text.slice(at + 1, end - 1).replaceAll('""', '"') : text.slice(at, end);
      if (quoted) for (const c of raw) if (c === '\n') line++;
      cells.push(raw);
      at = end;
      if (text[at] !== separator) break;
      at++;
    }
    if (at < text.length && text[at] !== '\n' && text[at] !== '\r') {
      throw fileError(file, `line ${line}: text after a closing quote`);
    }
    if (text[at] === '\r') at++;
    if (text[at] === '\n') at++;
    line++;
    yield { cells, line: start };
  }
}

function endOfCell(text: string, from: number, separator: string): number {
  let at = from;
  while (at < text.length && text[at] !== separator && text[at] !== '\n' && text[at] !== '\r') at++;
  return at;
}

/** Position after the quote that closes the one at `from`. */
function closingQuote(text: string, from: number, file: string, line: number): number {
  for (let at = from + 1; ;) {
    at = text.indexOf('"', at);
    if (at < 0) throw fileError(file, `line ${line}: a quote is never closed`);
    if (text[at + 1] !== '"') return at + 1;
    at += 2;
  }
}

function shorten(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
