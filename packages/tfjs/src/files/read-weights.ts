import { PathwiseError, sizeOf, type Tensor } from '@pathwise/model';
import { limitError, type TfjsLimits } from '../limits.ts';
import type { FileSource } from './file-source.ts';
import { STORED_BYTES, type WeightSpec } from './weight-spec.ts';
import { weightReader, Weights } from './weights.ts';

/** Weights that follow each other without padding through the shards of `paths`. */
export interface WeightGroup {
  readonly paths: readonly string[];
  readonly weights: readonly WeightSpec[];
}

/**
 * Reads the weight files of a manifest.
 * @throws PathwiseError BAD_FILE where the files do not hold exactly the bytes of the weights, LIMIT_EXCEEDED
 */
export async function readWeights(
  groups: readonly WeightGroup[],
  files: FileSource,
  limits: Pick<TfjsLimits, 'weightBytes'>,
): Promise<Weights> {
  checkTotal(groups, limits.weightBytes);
  const readers = new Map<string, () => Tensor>();
  let total = 0;
  for (const { paths, weights } of groups) {
    const expected = storedBytes(weights);
    const most = expected ?? limits.weightBytes - total;
    const bytes = await concatenated(paths, files, most, expected !== null);
    total += bytes.length;
    addReaders(readers, weights, bytes, paths);
  }
  return new Weights(readers, total);
}

/**
 * Weights whose bytes are in memory, one after the other.
 * @throws PathwiseError BAD_FILE where the bytes are not exactly those of the weights
 */
export function weightsInMemory(specs: readonly WeightSpec[], bytes: Uint8Array): Weights {
  const readers = new Map<string, () => Tensor>();
  addReaders(readers, specs, bytes, ['weightData']);
  return new Weights(readers, bytes.length);
}

/** Bytes of the weights as the manifest has them; null with strings, whose lengths are in the data. */
function storedBytes(weights: readonly WeightSpec[]): number | null {
  let bytes = 0;
  for (const { stored, shape } of weights) {
    if (stored === 'string') return null;
    bytes += sizeOf(shape) * STORED_BYTES[stored];
  }
  return bytes;
}

function checkTotal(groups: readonly WeightGroup[], most: number): void {
  let bytes = 0;
  for (const { weights } of groups) bytes += storedBytes(weights) ?? 0;
  if (bytes > most) throw limitError('weightBytes', `the weights take ${bytes} bytes`, most);
}

/** All shards in order; nothing is allocated before they are there. */
async function concatenated(
  paths: readonly string[],
  files: FileSource,
  most: number,
  isExact: boolean,
): Promise<Uint8Array> {
  const shards: Uint8Array[] = [];
  let length = 0;
  for (const path of paths) {
    // A little more than is left, so that a file that is too long is told from one without end.
    const shard = await files.read(path, most - length + 2 ** 20);
    length += shard.length;
    shards.push(shard);
    if (length > most) {
      throw new PathwiseError(
        'BAD_FILE',
        `weight file "${path}" is longer than its weights: ${most} bytes in ${paths.join(', ')}, got at least ${length}`,
        { file: path },
      );
    }
  }
  if (isExact && length < most) {
    const what = `the weight files ${paths.join(', ')} are too short: ${most} bytes of weights, got ${length}`;
    throw new PathwiseError('BAD_FILE', `${what}. Was a download cut off?`, { file: paths.at(-1) ?? '' });
  }
  if (shards.length === 1) return shards[0] as Uint8Array;
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const shard of shards) {
    bytes.set(shard, at);
    at += shard.length;
  }
  return bytes;
}

function addReaders(
  readers: Map<string, () => Tensor>,
  weights: readonly WeightSpec[],
  bytes: Uint8Array,
  paths: readonly string[],
): void {
  let offset = 0;
  for (const spec of weights) {
    if (readers.has(spec.name)) {
      throw new PathwiseError('BAD_FILE', `weight "${spec.name}" is in the manifest twice`, { tensor: spec.name });
    }
    const end = spec.stored === 'string' ? endOfStrings(spec, bytes, offset) : offset + (storedBytes([spec]) as number);
    if (end > bytes.length) throw truncated(spec, offset, bytes, paths);
    readers.set(spec.name, weightReader(spec, bytes, offset));
    offset = end;
  }
  if (offset !== bytes.length) {
    throw new PathwiseError('BAD_FILE', `${paths.join(', ')}: ${bytes.length} bytes, but the weights take ${offset}`, {
      offset,
    });
  }
}

/** Each string: its length as uint32, then its bytes. */
function endOfStrings(spec: WeightSpec, bytes: Uint8Array, offset: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = offset;
  for (let k = sizeOf(spec.shape); k > 0; k--) {
    if (at + 4 > bytes.length) return Infinity;
    at += 4 + view.getUint32(at, true);
    if (at > bytes.length) return Infinity;
  }
  return at;
}

function truncated(spec: WeightSpec, offset: number, bytes: Uint8Array, paths: readonly string[]): PathwiseError {
  return new PathwiseError(
    'BAD_FILE',
    `weight "${spec.name}" begins at byte ${offset} of ${paths.join(', ')} and goes beyond their ${bytes.length} bytes`,
    { tensor: spec.name, offset },
  );
}
