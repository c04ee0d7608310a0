import { fileError } from '@pathwise/model';
import { decode } from './csv.ts';
import { parseJson } from './json-tensors.ts';

/**
 * Class names: text in which line k (from 0) names class k, or a JSON array of strings.
 * @throws PathwiseError BAD_FILE
 */
export function readLabels(bytes: Uint8Array, file: string): string[] {
  const text = decode(bytes, file);
  if (text.trimStart().startsWith('[')) {
    const value = parseJson(bytes, file);
    if (!Array.isArray(value) || !value.every((label) => typeof label === 'string')) {
      throw fileError(file, 'is no JSON array of strings');
    }
    return value;
  }
  const lines = text.split(/\r\n|\n|\r/);
  if (lines.at(-1) === '') lines.pop();
  if (lines.length === 0) throw fileError(file, 'holds no labels');
  return lines.map((line) => line.trim());
}
