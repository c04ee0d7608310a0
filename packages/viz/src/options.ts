import type { Show } from './colour-range.ts';
import type { Scheme } from './palette.ts';

/** Which tensor and row of an attribution a picture shows, and how it looks. */
export interface PictureOptions {
  /** Attributed tensor; the first by default. */
  readonly tensor?: string;
  /** Row of the batch; 0 by default. */
  readonly row?: number;
  /** Colours for a light (default) or a dark page. */
  readonly scheme?: Scheme;
  /** Title and summary above the picture (default true). */
  readonly heading?: boolean;
  /** Replaces the title, which otherwise names the target and the method. */
  readonly title?: string;
  /** Class names: `labels[k]` is the name of index k of the output. */
  readonly labels?: readonly string[];
  /** Signs shown (default `signed`). */
  readonly show?: Show;
  /** Colours end at this percentile of |value| (default 99, 100 for bars and tokens: nothing is clipped). */
  readonly clipPercentile?: number;
  /** Colours end at this value instead: one scale for several pictures. In units of the attributions. */
  readonly limit?: number;
  /** Marks negative values by a hatch too, for greyscale prints (default true). */
  readonly hatch?: boolean;
}

/** Pixels, row by row from the top left, 8 bits a channel: grey, RGB or RGBA, interleaved. */
export interface Image {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array | Uint8ClampedArray;
}
