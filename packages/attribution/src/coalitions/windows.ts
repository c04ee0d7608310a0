import { argumentError, sizeOf, type ParamValue, type Params, type Shape } from '@pathwise/model';
import type { Source } from '../source.ts';
import { unitShape } from './players.ts';

/** Windows of all attributed tensors: the elements of each, over a row's elements one tensor after another. */
export type Windows = readonly Int32Array[];

/**
 * The sliding windows of a request. `cover`: at 0, s, 2s, ... until the end is reached, the last one cut at the border.
 * `inside`: only those that fit as a whole.
 * @throws PathwiseError BAD_ARGUMENT for windows and strides that do not fit
 */
export function windowsOf(method: string, sources: readonly Source[], params: Params, patch: boolean): Windows {
  const windows: Int32Array[] = [];
  let offset = 0;
  for (const source of sources) {
    const shape = unitShape(source);
    const whole = patch ? shape.map((size, axis) => (isChannels(shape, axis) ? size : Math.ceil(size / 8))) : null;
    const window = perAxis(method, 'window', params['window'], source, whole ?? shape.map(() => 1));
    const strides = perAxis(method, 'strides', params['strides'], source, whole === null ? shape.map(() => 1) : window);
    const starts = shape.map((size, axis) =>
      startsOf(size, window[axis], strides[axis], params['edges'] === 'inside', `${method}: axis ${axis}`),
    );
    const inner = source.size / sizeOf(shape);
    for (const corner of corners(starts)) {
      const ranges = corner.map((start, axis) => [start, Math.min(shape[axis], start + window[axis])] as const);
      windows.push(elementsIn(ranges, shape, inner, offset));
    }
    offset += source.size;
  }
  return windows;
}

/** One number means all channels (the first axis) and as many of every other axis. */
function perAxis(
  method: string,
  name: string,
  given: ParamValue | undefined,
  source: Source,
  otherwise: readonly number[],
): readonly number[] {
  const shape = unitShape(source);
  const list = given as readonly number[];
  if (list.length === 0) return otherwise;
  const own = list.length === 1 ? shape.map((size, axis) => (isChannels(shape, axis) ? size : list[0])) : list;
  if (own.length !== shape.length || !own.every((v, axis) => Number.isInteger(v) && v >= 1 && v <= shape[axis])) {
    const axes = shape.map((size) => `1 to ${size}`).join(', ');
    throw argumentError(method, `${name} of "${source.input}"`, `an integer for each axis of a row (${axes})`, [
      ...list,
    ]);
  }
  return own;
}

function isChannels(shape: Shape, axis: number): boolean {
  return shape.length > 1 && axis === 0;
}

function startsOf(size: number, window: number, stride: number, inside: boolean, where: string): number[] {
  if (stride > window && !inside) {
    throw argumentError(where, 'strides', `at most the window (${window}), or edges=inside`, stride);
  }
  const count = (inside ? Math.floor((size - window) / stride) : Math.ceil((size - window) / stride)) + 1;
  return Array.from({ length: count }, (_, k) => k * stride);
}

/** The cartesian product, last axis fastest. */
function corners(starts: readonly (readonly number[])[]): number[][] {
  return starts.reduce<number[][]>((all, axis) => all.flatMap((corner) => axis.map((s) => [...corner, s])), [[]]);
}

function elementsIn(
  ranges: readonly (readonly [from: number, to: number])[],
  shape: Shape,
  inner: number,
  offset: number,
): Int32Array {
  let units = [0];
  for (const [axis, [from, to]] of ranges.entries()) {
    units = units.flatMap((unit) => Array.from({ length: to - from }, (_, i) => unit * shape[axis] + from + i));
  }
  return Int32Array.from(units.flatMap((unit) => Array.from({ length: inner }, (_, i) => offset + unit * inner + i)));
}
