import { PathwiseError } from '@pathwise/model';

/** How a window's margins are made: as TensorFlow names them, or amounts for each spatial axis. */
export type Padding = 'SAME' | 'VALID' | { readonly begin: readonly number[]; readonly end: readonly number[] };

/** Windows of a convolution or pooling; one number for each spatial axis. */
export interface Windows {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly padding: Padding;
}

/**
 * Elements added before and after each spatial axis. SAME gives ceil(n / stride) windows; an odd rest goes to the end.
 * @source TensorFlow, documentation of tf.nn.convolution
 */
export function padAmounts(
  sizes: readonly number[],
  { kernel, strides, dilations, padding }: Windows,
): { begin: readonly number[]; end: readonly number[] } {
  if (padding === 'VALID') return { begin: sizes.map(() => 0), end: sizes.map(() => 0) };
  if (padding !== 'SAME') return padding;
  const totals = sizes.map((size, i) => {
    const [k, s, d] = [kernel[i] as number, strides[i] as number, dilations[i] as number];
    return Math.max((Math.ceil(size / s) - 1) * s + (k - 1) * d + 1 - size, 0);
  });
  return { begin: totals.map((total) => Math.floor(total / 2)), end: totals.map((total) => Math.ceil(total / 2)) };
}

/**
 * One number an axis from a number, a list of one or a full list.
 * @throws PathwiseError UNSUPPORTED_OP for another length, or for numbers that are no positive integers
 */
export function perAxis(value: number | readonly number[], rank: number, what: string): number[] {
  const list = typeof value === 'number' ? [value] : value;
  const full = list.length === 1 ? new Array<number>(rank).fill(list[0] as number) : [...list];
  if (full.length !== rank || !full.every((n) => Number.isInteger(n) && n > 0)) {
    throw new PathwiseError(
      'UNSUPPORTED_OP',
      `expected ${rank} positive integers for ${what}, got [${list.join(',')}]`,
    );
  }
  return full;
}
