import { zipSync } from 'fflate';
import { fileError, PathwiseError, type Tensor } from '@pathwise/model';
import { inflate } from './inflate.ts';
import { DEFAULT_LIMITS, type FileLimits } from './limits.ts';
import { readNpy, writeNpy } from './npy.ts';
import { listZip } from './zip-directory.ts';

/** Largest element of a .npy file, in bytes. */
const MAX_ELEMENT_BYTES = 8;
const MAX_HEADER_BYTES = 1 << 17;

/**
 * Reads the arrays of a NumPy archive, by name without `.npy`.
 * @throws PathwiseError BAD_FILE, LIMIT_EXCEEDED (before anything is decompressed)
 */
export function readNpz(bytes: Uint8Array, file: string, limits: FileLimits = DEFAULT_LIMITS): Record<string, Tensor> {
  const entries = listZip(bytes, file).filter(({ name }) => !name.endsWith('/'));
  if (entries.length === 0) throw fileError(file, 'holds no arrays', { offset: 0 });
  const total = entries.reduce((sum, entry) => sum + entry.bytes, 0);
  if (total > limits.maxElements * MAX_ELEMENT_BYTES + entries.length * MAX_HEADER_BYTES) {
    throw new PathwiseError('LIMIT_EXCEEDED', `${file}: its arrays take ${total} bytes, more than is allowed`, {
      file,
    });
  }
  const arrays: Record<string, Tensor> = {};
  let left = limits.maxElements;
  for (const entry of entries) {
    if (!entry.name.endsWith('.npy')) {
      throw fileError(file, `"${entry.name}" is no .npy file`, { offset: entry.offset });
    }
    const name = entry.name.slice(0, -'.npy'.length);
    if (Object.hasOwn(arrays, name)) throw fileError(file, `two arrays are called "${name}"`, { offset: entry.offset });
    const where = `${file}[${name}]`;
    const stored = bytes.subarray(entry.offset, entry.offset + entry.storedBytes);
    const content = entry.compressed
      ? inflate([stored], entry.bytes, { file, offset: entry.offset, what: `"${entry.name}"` })
      : stored;
    const array = readNpy(content, where, { ...limits, maxElements: left });
    left -= array.data.length;
    Object.defineProperty(arrays, name, { value: array, enumerable: true, configurable: true, writable: true });
  }
  return arrays;
}

/** A NumPy archive of float32 arrays, not compressed. */
export function writeNpz(arrays: Readonly<Record<string, Tensor>>): Uint8Array {
  const files = Object.entries(arrays).map(([name, array]) => [`${name}.npy`, writeNpy(array)] as const);
  // A fixed date keeps equal content equal in bytes.
  return zipSync(Object.fromEntries(files), { level: 0, mtime: '1980-01-01T00:00:00' });
}
