import { decode } from 'jpeg-js';
import { fileError, PathwiseError } from '@pathwise/model';
import type { Image } from '@pathwise/viz';
import { checkedPixels, type FileLimits } from './limits.ts';

const START_OF_SCAN = 0xda;
const END_OF_IMAGE = 0xd9;
/** Baseline, extended and progressive frames; the arithmetic and lossless ones are rare and not decoded. */
const FRAMES = new Set([0xc0, 0xc1, 0xc2]);
const OTHER_FRAMES = new Set([0xc3, 0xc5, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcd, 0xce, 0xcf]);
/** Blocks of 8 x 8 decoded over all scans: a progressive photograph of 25 megapixels needs about 10 million. */
const MAX_BLOCK_VISITS = 2e7;

interface Structure {
  readonly width: number;
  readonly height: number;
  /** Blocks of 8 x 8 samples of all components. */
  readonly blocks: number;
  readonly scans: number;
}

/**
 * Reads a JPEG image (baseline or progressive) as RGB. Segment lengths, size and the work that the scans ask for are
 * checked before the pixels are decoded.
 * @source ITU-T T.81, annex B (markers) and annex G (progressive scans)
 * @throws PathwiseError BAD_FILE, LIMIT_EXCEEDED
 */
export function readJpeg(bytes: Uint8Array, file: string, limits: FileLimits): Image {
  const { width, height, blocks, scans } = structureOf(bytes, file);
  checkedPixels(file, width, height, limits);
  // Each block takes at least one bit of the scan that holds its mean.
  if (blocks > 8 * bytes.length) {
    throw fileError(file, `${bytes.length} bytes cannot hold an image of ${width} x ${height} pixels`, { offset: 0 });
  }
  if (blocks * scans > MAX_BLOCK_VISITS) {
    throw new PathwiseError('LIMIT_EXCEEDED', `${file}: ${scans} scans of ${blocks} blocks are too much work`, {
      file,
    });
  }
  try {
    const { data } = decode(bytes, {
      useTArray: true,
      formatAsRGBA: false,
      tolerantDecoding: false,
      maxResolutionInMP: limits.maxPixels / 1e6,
      maxMemoryUsageInMB: 2048,
    });
    return { width, height, data };
  } catch (cause) {
    throw fileError(file, `damaged JPEG image (${cause instanceof Error ? cause.message : String(cause)})`);
  }
}

function structureOf(bytes: Uint8Array, file: string): Structure {
  const cutOff = (offset: number): Error => fileError(file, 'the JPEG image is cut off', { offset });
  const word = (at: number): number => {
    if (at + 2 > bytes.length) throw cutOff(at);
    return ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
  };
  let frame: Omit<Structure, 'scans'> | null = null;
  let scans = 0;
  for (let at = 2; ;) {
    if (at + 2 > bytes.length) throw cutOff(at);
    if (bytes[at] !== 0xff) throw fileError(file, 'expected a JPEG marker', { offset: at });
    const marker = bytes[at + 1] as number;
    if (marker === 0xff) {
      at++;
      continue;
    }
    if (marker === END_OF_IMAGE) break;
    // Tables, application data and comments have a length; everything else has no place between the segments.
    if (marker < 0xc0 || (marker >= 0xd0 && marker <= 0xd8) || (marker >= 0xf0 && marker !== 0xfe)) {
      throw fileError(file, `JPEG marker ${marker.toString(16)} is out of place`, { offset: at });
    }
    const length = word(at + 2);
    if (length < 2 || at + 2 + length > bytes.length) throw cutOff(at);
    if (OTHER_FRAMES.has(marker)) {
      throw fileError(
        file,
        'arithmetic-coded and lossless JPEG images are not supported',
        { offset: at },
        'Convert it',
      );
    }
    if (FRAMES.has(marker)) {
      if (frame !== null) throw fileError(file, 'a JPEG image with two frames', { offset: at });
      frame = frameOf(bytes.subarray(at + 4, at + 2 + length), file, at);
    }
    at += 2 + length;
    if (marker === START_OF_SCAN) {
      if (frame === null) throw fileError(file, 'a JPEG scan before its frame', { offset: at });
      scans++;
      at = endOfScan(bytes, at);
    }
  }
  if (frame === null || scans === 0) throw fileError(file, 'a JPEG image without pixels', { offset: 0 });
  return { ...frame, scans };
}

function frameOf(segment: Uint8Array, file: string, offset: number): Omit<Structure, 'scans'> {
  const bad = (problem: string): Error => fileError(file, problem, { offset });
  const at = (i: number): number => segment[i] ?? 0;
  const components = at(5);
  if (segment.length !== 6 + 3 * components || ![1, 3, 4].includes(components))
    throw bad('a damaged JPEG frame header');
  if (at(0) !== 8) throw bad(`JPEG images of ${at(0)} bits are not supported`);
  const [height, width] = [(at(1) << 8) | at(2), (at(3) << 8) | at(4)];
  if (height === 0 || width === 0) throw bad(`a JPEG image of ${width} x ${height} pixels`);
  const sampling = Array.from({ length: components }, (_, i) => [at(7 + 3 * i) >> 4, at(7 + 3 * i) & 15] as const);
  if (sampling.some(([h, v]) => h < 1 || h > 4 || v < 1 || v > 4)) throw bad('a damaged JPEG frame header');
  const across = Math.max(...sampling.map(([h]) => h));
  const down = Math.max(...sampling.map(([, v]) => v));
  const units = Math.ceil(width / (8 * across)) * Math.ceil(height / (8 * down));
  return { width, height, blocks: units * sampling.reduce((sum, [h, v]) => sum + h * v, 0) };
}

/** Coded data end at a marker that is neither a stuffed byte (ff 00) nor a restart (ff d0 to ff d7). */
function endOfScan(bytes: Uint8Array, from: number): number {
  for (let at = from; at + 1 < bytes.length; at++) {
    const next = bytes[at + 1] as number;
    if (bytes[at] === 0xff && next !== 0 && next !== 0xff && !(next >= 0xd0 && next <= 0xd7)) return at;
  }
  return bytes.length;
}
