import { fileError, type Tensor } from '@pathwise/model';
import { decode } from './csv.ts';
import { checkedSize, DEFAULT_LIMITS, type FileLimits } from './limits.ts';
import { fromNested } from './nested.ts';

/**
 * Reads JSON: one array nested to any depth, or an object of arrays by input name.
 * @throws PathwiseError BAD_FILE, LIMIT_EXCEEDED
 */
export function readJsonTensors(
  bytes: Uint8Array,
  file: string,
  limits: FileLimits = DEFAULT_LIMITS,
): Tensor | Record<string, Tensor> {
  const value = parseJson(bytes, file);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return checked(value, file, file, limits);
  const entries = Object.entries(value);
  if (entries.length === 0) throw fileError(file, 'holds no arrays');
  return Object.fromEntries(entries.map(([name, array]) => [name, checked(array, file, `${file}[${name}]`, limits)]));
}

/** The value of a JSON file. */
export function parseJson(bytes: Uint8Array, file: string): unknown {
  const text = decode(bytes, file);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw fileError(file, `is not JSON (${cause instanceof Error ? cause.message : String(cause)})`);
  }
}

function checked(value: unknown, file: string, where: string, limits: FileLimits): Tensor {
  const tensor = fromNested(value, where, (problem) =>
    fileError(file, `${where === file ? '' : `${where}: `}${problem}`),
  );
  checkedSize(where, tensor.shape, limits);
  return tensor;
}
