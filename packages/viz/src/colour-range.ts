import { argumentError } from '@pathwise/model';
import { percentile } from './percentile.ts';

/** What part of the values the colours show. */
export type Show = 'signed' | 'positive' | 'negative' | 'absolute';

/** The symmetric range of a picture: colours run from -limit through 0 to limit. */
export interface ColourRange {
  /** Where the colours end, in units of the attributions; 0 when every value is zero. */
  readonly limit: number;
  /** Largest absolute value. */
  readonly largest: number;
  /** Share of the values beyond the limit, 0 to 1. */
  readonly clippedShare: number;
  /** The percentile that set the limit; null when the limit is the largest value or was given. */
  readonly percentile: number | null;
}

/**
 * The range of colours for a set of values: the `clipPercentile` of |value|, or `limit` when it is given (to share a
 * scale between pictures). Where more than that share of the values is zero, the largest value is taken.
 * @throws PathwiseError BAD_ARGUMENT for a percentile outside (0, 100] or a limit that is not positive
 */
export function colourRange(
  values: ArrayLike<number>,
  { clipPercentile = 99, limit }: { readonly clipPercentile?: number; readonly limit?: number } = {},
): ColourRange {
  if (!(clipPercentile > 0 && clipPercentile <= 100)) {
    throw argumentError('render', 'clipPercentile', 'a number above 0 and at most 100', clipPercentile);
  }
  if (limit !== undefined && !(limit > 0 && limit < Infinity)) {
    throw argumentError('render', 'limit', 'a positive number', limit, 'Leave it out for the range of the data.');
  }
  const sizes = Float64Array.from(values, Math.abs);
  const largest = sizes.reduce((a, b) => Math.max(a, b), 0);
  const wanted = limit ?? percentile(sizes, clipPercentile);
  const chosen = wanted > 0 ? wanted : largest;
  let beyond = 0;
  for (const size of sizes) if (size > chosen) beyond++;
  return {
    limit: chosen,
    largest,
    clippedShare: sizes.length === 0 ? 0 : beyond / sizes.length,
    percentile: limit === undefined && beyond > 0 ? clipPercentile : null,
  };
}

/** The position of a value in the palette, -1 to 1: its sign and size as far as `show` lets them through. */
export function palettePosition(value: number, show: Show, limit: number): number {
  if (limit === 0) return 0;
  const shown =
    show === 'absolute'
      ? Math.abs(value)
      : show === 'positive'
        ? Math.max(value, 0)
        : show === 'negative'
          ? Math.min(value, 0)
          : value;
  return Math.min(Math.max(shown / limit, -1), 1);
}
