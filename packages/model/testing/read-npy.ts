import { readFileSync } from 'node:fs';
import type { Tensor } from '../src/index.ts';

/** A .npy file of float32, float64, int32 or int64 in C order, as NumPy 1.0 headers describe it. */
export function readNpy(path: string): Tensor {
  const bytes = new Uint8Array(readFileSync(path));
  const length = (bytes[8] as number) + 256 * (bytes[9] as number);
  const header = new TextDecoder('latin1').decode(bytes.subarray(10, 10 + length));
  const shape = (/'shape': \(([^)]*)\)/.exec(header)?.[1] ?? '')
    .split(',')
    .map((d) => d.trim())
    .filter((d) => d !== '')
    .map(Number);
  const body = bytes.slice(10 + length).buffer;
  if (header.includes("'<f4'")) return { dtype: 'float32', shape, data: new Float32Array(body) };
  if (header.includes("'<f8'")) return { dtype: 'float64', shape, data: new Float64Array(body) };
  if (header.includes("'<i4'")) return { dtype: 'int32', shape, data: new Int32Array(body) };
  if (header.includes("'<i8'")) return { dtype: 'int64', shape, data: new BigInt64Array(body) };
  throw new Error(`${path}: ${header}`);
}
