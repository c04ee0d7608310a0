import { PathwiseError, sizeOf, stridesOf, type Shape } from '@pathwise/model';
import type { Value } from '@pathwise/graph';

export type PadMode = 'constant' | 'reflect' | 'edge' | 'wrap';

/** Elements to add before and after an axis; negative ones are cropped. */
export type PadAmount = readonly [before: number, after: number];

/**
 * Shape after padding.
 * @throws PathwiseError BAD_SHAPE if more is cropped than there is, or nothing is left to repeat.
 */
export function paddedShape(shape: Shape, amounts: readonly PadAmount[], mode: PadMode): number[] {
  return shape.map((size, axis) => {
    const [before, after] = amounts[axis];
    const kept = size + Math.min(before, 0) + Math.min(after, 0);
    const padded = size + before + after;
    if (kept < 0 || (kept === 0 && padded > 0 && mode !== 'constant')) {
      throw new PathwiseError(
        'BAD_SHAPE',
        `an axis of size ${size} cannot be padded by ${before} and ${after} (mode ${mode})`,
      );
    }
    return padded;
  });
}

/** For each position of the padded axis, the one of the input that it shows, or -1 for the constant. */
export function sourcePositions(size: number, [before, after]: PadAmount, mode: PadMode): number[] {
  const low = Math.max(0, -before);
  const kept = size - low - Math.max(0, -after);
  return Array.from({ length: size + before + after }, (_, i) => {
    const at = i - Math.max(0, before);
    if (at >= 0 && at < kept) return low + at;
    return mode === 'constant' ? -1 : low + foldPosition(at, kept, mode);
  });
}

function foldPosition(at: number, size: number, mode: PadMode): number {
  if (mode === 'edge') return at < 0 ? 0 : size - 1;
  if (mode === 'wrap') return modulo(at, size);
  if (size === 1) return 0;
  const period = 2 * (size - 1);
  const within = modulo(at, period);
  return within < size ? within : period - within;
}

function modulo(a: number, n: number): number {
  return ((a % n) + n) % n;
}

/** The padded data; `value` fills what mode constant adds. */
export function padData(x: Value, amounts: readonly PadAmount[], mode: PadMode, value: number): Float64Array {
  const maps = x.shape.map((size, axis) => sourcePositions(size, amounts[axis], mode));
  const sizes = maps.map((map) => map.length);
  const out = new Float64Array(sizeOf(sizes)).fill(value);
  copyMapped(x.data, stridesOf(x.shape), maps, out, stridesOf(sizes));
  return out;
}

/** out[i, j, …] = data[maps[0][i], maps[1][j], …]; elements of which a position is -1 are left. */
function copyMapped(
  data: Float64Array,
  strides: readonly number[],
  maps: readonly number[][],
  out: Float64Array,
  outStrides: readonly number[],
): void {
  const last = maps.length - 1;
  if (last < 0) {
    out[0] = data[0];
    return;
  }
  const visit = (axis: number, from: number, to: number): void => {
    const map = maps[axis];
    for (let i = 0; i < map.length; i++) {
      if (map[i] < 0) continue;
      if (axis === last) out[to + i] = data[from + map[i]];
      else visit(axis + 1, from + map[i] * strides[axis], to + i * outStrides[axis]);
    }
  };
  visit(0, 0, 0);
}
