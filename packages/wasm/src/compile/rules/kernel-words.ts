import type { WindowGeometry } from '@pathwise/ops';
import type { View } from '../view.ts';

/** Most taps of a window; native/step.h has the same. */
export const MAX_TAPS = 4096;

/**
 * Weights of a product, as they lie: from channel c of group g to its channel o at tap t (in row-major order of the
 * kernel) it is `scale` times element origin + g * group + o * output + c * input + t * tap.
 */
export interface Weights {
  readonly data: Float32Array | Float64Array;
  readonly origin: number;
  readonly group: number;
  readonly output: number;
  readonly input: number;
  readonly tap: number;
  readonly scale: number;
}

/** A product with constant weights: windows over x give y. Both are [channels, depth, rows, columns], channels of stride 1. */
export interface ProductStep {
  readonly x: View;
  readonly y: View;
  /** Three spatial axes. For the adjoint `input` and `output` keep their roles: x and y are the other way round. */
  readonly windows: WindowGeometry;
  readonly transposed: boolean;
  readonly groups: number;
  readonly weights: Weights;
  readonly bias: ArrayLike<number> | null;
  /** What the weights are taken from and how, where others may ask for the same. */
  readonly key?: string | undefined;
}

/** The windows as native/window.h reads them, from the side of the step's input. */
export function windowWords(g: WindowGeometry, adjoint: boolean): number[] {
  const [from, to] = adjoint ? [g.output, g.input] : [g.input, g.output];
  return [...from, ...to, ...g.kernel, ...g.strides, ...g.dilations, ...g.padsBegin, adjoint ? 1 : 0];
}

export function tapsOf({ kernel }: WindowGeometry): number {
  return kernel.reduce((product, size) => product * size, 1);
}

/** Far enough below the largest float32 for the sums that Winograd's algorithm makes of weights. */
const LARGEST_WEIGHT = 2 ** 120;

const bounded = new WeakMap<Weights['data'], boolean>();

/**
 * Whether leaving out inputs that are zero changes no sum: 0 times an infinite weight is not 0. A sum must not start from
 * -0 either, so {@link POSITIVE_ZERO} is added to biases.
 */
export function allowSkipping({ data, scale }: Weights): boolean {
  let sound = bounded.get(data);
  if (sound === undefined) {
    sound = data.every((value: number) => Math.abs(value) < LARGEST_WEIGHT);
    bounded.set(data, sound);
  }
  return sound && Math.abs(scale) <= 1;
}

/** Makes 0 of -0 and changes no other number. */
export const POSITIVE_ZERO = 0;
