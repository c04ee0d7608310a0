import { fileError } from '@pathwise/model';
import type { Image } from '@pathwise/viz';
import { readJpeg } from './jpeg.ts';
import { DEFAULT_LIMITS, type FileLimits } from './limits.ts';
import { readPng } from './png.ts';

/**
 * Reads a PNG or JPEG image; the content decides, not the name. Channels are grey or RGB, 8 bits; transparency is left
 * out, colour profiles and the orientation of the camera are not applied.
 * @throws PathwiseError BAD_FILE, LIMIT_EXCEEDED
 */
export function readImage(bytes: Uint8Array, file: string, limits: FileLimits = DEFAULT_LIMITS): Image {
  return isJpeg(bytes) ? readJpeg(bytes, file, limits) : readPngOnly(bytes, file, limits);
}

/**
 * The same for programs that can wait: the decoder of JPEG images is loaded when one comes.
 * @throws PathwiseError BAD_FILE, LIMIT_EXCEEDED
 */
export async function readImageFile(
  bytes: Uint8Array,
  file: string,
  limits: FileLimits = DEFAULT_LIMITS,
): Promise<Image> {
  if (!isJpeg(bytes)) return readPngOnly(bytes, file, limits);
  return (await import('./jpeg.ts')).readJpeg(bytes, file, limits);
}

function isJpeg(bytes: Uint8Array): boolean {
  return bytes[0] === 0xff && bytes[1] === 0xd8;
}

function readPngOnly(bytes: Uint8Array, file: string, limits: FileLimits): Image {
  if (bytes[0] === 0x89 && bytes[1] === 0x50) return readPng(bytes, file, limits);
  throw fileError(file, 'is neither a PNG nor a JPEG image', { offset: 0 }, 'Convert it');
}
