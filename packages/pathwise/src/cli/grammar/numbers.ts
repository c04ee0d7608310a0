import { optionError } from '../usage-error.ts';

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** The number that a text spells, or null. */
export function numberOf(text: string): number | null {
  return NUMBER.test(text) ? Number(text) : null;
}

/** @throws PathwiseError BAD_ARGUMENT */
export function parseNumber(option: string, text: string, expected: string, holds: (value: number) => boolean): number {
  const value = numberOf(text);
  if (value === null || !Number.isFinite(value) || !holds(value)) throw optionError(option, expected, text);
  return value;
}

/** @throws PathwiseError BAD_ARGUMENT */
export function parseInteger(option: string, text: string, min: number): number {
  return parseNumber(option, text, `an integer of at least ${min}`, (v) => Number.isSafeInteger(v) && v >= min);
}

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  k: 1e3,
  kb: 1e3,
  kib: 2 ** 10,
  m: 1e6,
  mb: 1e6,
  mib: 2 ** 20,
  g: 1e9,
  gb: 1e9,
  gib: 2 ** 30,
};

/**
 * A number of bytes, with an optional unit: 512MB (decimal) or 512MiB (binary).
 * @throws PathwiseError BAD_ARGUMENT
 */
export function parseBytes(option: string, text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text);
  const unit = UNITS[(match?.[2] ?? 'none').toLowerCase()];
  const bytes = Math.round(Number(match?.[1]) * (unit ?? NaN));
  if (!(bytes >= 1)) throw optionError(option, 'a number of bytes such as 268435456, 512MB or 1GiB', text);
  return bytes;
}
