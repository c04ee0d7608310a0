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
  if (bytes[0] === 0x89 && bytes[1] === 0x50) return readPng(bytes, file, limits);
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return readJpeg(bytes, file, limits);
  throw fileError(file, 'is neither a PNG nor a JPEG image', { offset: 0 }, 'Convert it');
}
