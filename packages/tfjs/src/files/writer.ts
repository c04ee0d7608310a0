import type { Json } from './json.ts';

/**
 * The program that wrote a layers model. Some configurations mean one thing in one of them and another in another
 * (hard_sigmoid, bilinear UpSampling2D, pooling under a mask).
 */
export type Writer = 'keras-2' | 'keras-3' | 'tfjs';

/**
 * Tells the writer by `keras_version`, or by `generatedBy` in files without it.
 * @param hasKeras3Keys - layers carry keys that only Keras 3 writes
 */
export function writerOf(
  kerasVersion: Json | undefined,
  generatedBy: Json | undefined,
  hasKeras3Keys: boolean,
): Writer {
  for (const text of [kerasVersion, generatedBy]) {
    if (typeof text !== 'string') continue;
    if (/tfjs-layers/i.test(text)) return 'tfjs';
    const major = /^(?:keras\s+)?v?(\d+)\./i.exec(text)?.[1];
    if (major !== undefined) return Number(major) >= 3 ? 'keras-3' : 'keras-2';
  }
  return hasKeras3Keys ? 'keras-3' : 'keras-2';
}
