import { Inflate, Unzlib } from 'fflate';
import { fileError } from '@pathwise/model';

/** Compressed bytes handed over at a time: deflate grows data at most 1032-fold, so a step yields at most 17 MB. */
const STEP = 1 << 14;

/** No byte of a deflate stream makes more than this many. */
export const MAX_DEFLATE_RATIO = 1032;

/**
 * Decompresses to exactly `size` bytes; stops as soon as more come out, whatever the stream would hold.
 * @throws PathwiseError BAD_FILE
 */
export function inflate(
  parts: readonly Uint8Array[],
  size: number,
  { file, offset, what, zlib = false }: { file: string; offset: number; what: string; zlib?: boolean },
): Uint8Array {
  const compressed = parts.reduce((sum, part) => sum + part.length, 0);
  const bad = (problem: string): Error => fileError(file, `${what}: ${problem}`, { offset });
  if (size > compressed * MAX_DEFLATE_RATIO) throw bad(`${compressed} bytes cannot hold the ${size} that are stated`);
  const out = new Uint8Array(size);
  let length = 0;
  let tooLong = false;
  const stream = new (zlib ? Unzlib : Inflate)((chunk) => {
    if (length + chunk.length > size) tooLong = true;
    else out.set(chunk, length);
    length += chunk.length;
  });
  try {
    for (const [k, part] of parts.entries()) {
      for (let at = 0; at < part.length; at += STEP) {
        stream.push(part.subarray(at, at + STEP), k === parts.length - 1 && at + STEP >= part.length);
        if (tooLong) break;
      }
    }
  } catch (cause) {
    throw bad(`damaged compressed data (${cause instanceof Error ? cause.message : String(cause)})`);
  }
  if (tooLong) throw bad(`the data hold more than the ${size} bytes that are stated`);
  if (length !== size) throw bad(`the data hold ${length} bytes, ${size} are stated`);
  return out;
}
