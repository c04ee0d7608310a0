/** Output channels that the kernels of native/ops/product.c keep in registers; native/finish.h has the same. */
export const OUTPUTS = 4;

/** As many are kept by wide blocks, which pay where multiplications and additions are fused. */
const WIDE_OUTPUTS = 6;

/** How output channels are cut into blocks: some wide ones first, then narrow ones, the last of them padded. */
export interface Blocks {
  readonly wide: number;
  /** Channels with the padding of the last block. */
  readonly padded: number;
  /** First channel and size of each block. */
  readonly list: readonly (readonly [start: number, size: number])[];
}

/** With wide blocks as many of them as leave no padding, if any number does. */
export function blocksOf(channels: number, wideBlocks: boolean): Blocks {
  const most = wideBlocks ? Math.floor(channels / WIDE_OUTPUTS) : 0;
  const even = (count: number): boolean => count >= 0 && (channels - count * WIDE_OUTPUTS) % OUTPUTS === 0;
  const wide = even(most) || !even(most - 1) ? most : most - 1;
  const list: [number, number][] = [];
  for (let start = 0; start < channels; start += list.at(-1)![1]) {
    list.push([start, list.length < wide ? WIDE_OUTPUTS : OUTPUTS]);
  }
  const [start, size] = list.at(-1)!;
  return { wide, padded: start + size, list };
}
