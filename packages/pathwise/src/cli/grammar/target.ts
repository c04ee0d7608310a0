import type { Target, TargetOfRow } from '@pathwise/model';
import { optionError } from '../usage-error.ts';

const GRAMMAR = 'top1, sum, a class K, a contrast A-B, or an element [i,j] of an output row';

/**
 * Targets: one for all rows, or one a row, separated by commas.
 * @throws PathwiseError BAD_ARGUMENT
 */
export function parseTarget(text: string): Target {
  const parts = split(text).map((part) => parseOne(part, text));
  return parts.length === 1 ? (parts[0] as TargetOfRow) : { perRow: parts };
}

/** At commas outside brackets. */
function split(text: string): string[] {
  const parts = [''];
  let depth = 0;
  for (const c of text) {
    if (c === '[') depth++;
    if (c === ']') depth--;
    if (c === ',' && depth === 0) parts.push('');
    else parts[parts.length - 1] += c;
  }
  return parts.map((part) => part.trim());
}

function parseOne(part: string, whole: string): TargetOfRow {
  if (part === 'top1' || part === 'sum') return part;
  const element = elementOf(part);
  if (element !== null) return element;
  const contrast = /^(\d+|\[[^\]]*\])\s*-\s*(\d+|\[[^\]]*\])$/.exec(part);
  const [plus, minus] = [elementOf(contrast?.[1] ?? ''), elementOf(contrast?.[2] ?? '')];
  if (plus === null || minus === null) throw optionError('--target', GRAMMAR, part === '' ? whole : part);
  return { contrast: [plus, minus] };
}

function elementOf(text: string): TargetOfRow | null {
  if (/^\d+$/.test(text)) return Number(text);
  if (!/^\[\s*\d+\s*(,\s*\d+\s*)*\]$/.test(text)) return null;
  return { index: text.slice(1, -1).split(',').map(Number) };
}
