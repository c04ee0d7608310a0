import { fileError } from '@pathwise/model';
import { limitError, type TfjsLimits } from '../limits.ts';

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

/** Read keys of hostile files with `Fields`, which sees own keys only. */
export interface JsonObject {
  readonly [key: string]: Json;
}

/**
 * The value of a JSON file. Its nesting is counted before it is parsed.
 * @throws PathwiseError BAD_FILE, LIMIT_EXCEEDED
 */
export function parseJson(bytes: Uint8Array, file: string, limits: Pick<TfjsLimits, 'depth' | 'jsonBytes'>): Json {
  if (bytes.length > limits.jsonBytes)
    throw limitError('jsonBytes', `${file}: ${bytes.length} bytes`, limits.jsonBytes);
  checkDepth(bytes, file, limits.depth);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw fileError(file, 'is not UTF-8 text');
  }
  try {
    return JSON.parse(text) as Json;
  } catch (cause) {
    throw fileError(file, `is not JSON (${cause instanceof Error ? cause.message : String(cause)})`);
  }
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const [QUOTE, BACKSLASH] = ['"'.charCodeAt(0), '\\'.charCodeAt(0)];
const OPENING = new Set(Array.from('[{', (c) => c.charCodeAt(0)));
const CLOSING = new Set(Array.from(']}', (c) => c.charCodeAt(0)));

/** Brackets outside strings; parsers and what follows them recurse as deep as these. */
function checkDepth(bytes: Uint8Array, file: string, most: number): void {
  let depth = 0;
  let isString = false;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] as number;
    if (isString) {
      if (byte === BACKSLASH) at++;
      else if (byte === QUOTE) isString = false;
    } else if (byte === QUOTE) isString = true;
    else if (OPENING.has(byte) && ++depth > most) {
      throw limitError('depth', `${file}: nested ${depth} deep at offset ${at}`, most, { file, offset: at });
    } else if (CLOSING.has(byte)) depth--;
  }
}
