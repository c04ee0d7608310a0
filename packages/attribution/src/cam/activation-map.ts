/** A layer's row as channels of positions: element [k * positions + i] of channel k. */
export interface ChannelMaps {
  readonly channels: number;
  readonly positions: number;
  readonly values: Float64Array;
  readonly gradients: Float64Array;
}

/** One number a position, from activations and gradients of one row. */
export type ActivationMap = (maps: ChannelMaps) => Float64Array;

/** sum over channels of weight times activation. */
export function weightedSum({ channels, positions, values }: ChannelMaps, weights: Float64Array): Float64Array {
  const out = new Float64Array(positions);
  for (let k = 0; k < channels; k++) {
    for (let i = 0; i < positions; i++) out[i] += weights[k] * values[k * positions + i];
  }
  return out;
}

/** One number a channel, from its activations and gradients. */
export function perChannel(
  { channels, positions, values, gradients }: ChannelMaps,
  of: (gradients: Float64Array, values: Float64Array) => number,
): Float64Array {
  return Float64Array.from({ length: channels }, (_, k) => {
    const [from, to] = [k * positions, (k + 1) * positions];
    return of(gradients.subarray(from, to), values.subarray(from, to));
  });
}

/** Sum of a list. */
export function total(values: Float64Array): number {
  return values.reduce((sum, v) => sum + v, 0);
}
