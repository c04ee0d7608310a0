import { sizeOf, type Shape } from '@pathwise/model';

/** Memory of one tile's tensor, in elements; the memory plan gives it a place in the arena. */
export interface Buffer {
  readonly size: number;
}

/**
 * A tensor as the core sees it: element (i, j, …) lies at offset + i * strides[0] + j * strides[1] + … of its buffer.
 * Transposing, slicing, broadcasting and most reshaping only make another view. Without a buffer the data are constants,
 * the same for every row.
 */
export interface View {
  readonly buffer: Buffer | null;
  readonly offset: number;
  readonly shape: Shape;
  readonly strides: readonly number[];
}

/** Axes from the slowest to the fastest in memory; row-major where strides are equal. */
export function memoryOrder(strides: readonly number[]): number[] {
  return strides.map((_, axis) => axis).sort((a, b) => Math.abs(strides[b]) - Math.abs(strides[a]) || a - b);
}

/** Strides of a tensor without gaps whose axes follow each other in `order`, the slowest first. */
export function denseStrides(shape: Shape, order: readonly number[] = shape.map((_, axis) => axis)): number[] {
  const strides = new Array<number>(shape.length).fill(0);
  let stride = 1;
  for (const axis of [...order].reverse()) {
    strides[axis] = stride;
    stride *= shape[axis];
  }
  return strides;
}

/** Whether the elements lie side by side in row-major order. Strides of axes of size 1 do not matter. */
export function isRowMajor({ shape, strides }: Pick<View, 'shape' | 'strides'>): boolean {
  const dense = denseStrides(shape);
  return shape.every((size, axis) => size === 1 || strides[axis] === dense[axis]);
}

/** The view with its axes permuted: axis i of the result is axis perm[i]. */
export function transposed(view: View, perm: readonly number[]): View {
  return { ...view, shape: perm.map((axis) => view.shape[axis]), strides: perm.map((axis) => view.strides[axis]) };
}

/** The view broadcast to `shape`, as NumPy and ONNX do. */
export function broadcastTo(view: View, shape: Shape): View {
  const missing = shape.length - view.shape.length;
  const strides = shape.map((size, axis) => {
    const own = view.shape[axis - missing] ?? 1;
    return axis < missing || (own === 1 && size !== 1) ? 0 : view.strides[axis - missing];
  });
  return { ...view, shape, strides };
}

/** Elements start, start + step, … (`count` of them) along an axis. */
export function sliced(view: View, axis: number, start: number, count: number, step = 1): View {
  return {
    ...view,
    offset: view.offset + start * view.strides[axis],
    shape: view.shape.with(axis, count),
    strides: view.strides.with(axis, view.strides[axis] * step),
  };
}

/** The view with another shape of as many elements in row-major order, or null where that takes a copy. */
export function reshaped(view: View, shape: Shape): View | null {
  if (sizeOf(view.shape) === 1) return { ...view, shape, strides: shape.map(() => 0) };
  // Axes of size 1 are left out; runs of axes of equal size on both sides are matched, each of which must be even.
  const from = view.shape.map((size, axis) => ({ size, stride: view.strides[axis] })).filter(({ size }) => size !== 1);
  const strides = new Array<number>(shape.length).fill(0);
  let at = 0;
  for (let axis = 0; axis < shape.length;) {
    if (shape[axis] === 1) {
      axis++;
      continue;
    }
    const first = axis;
    const start = at;
    let here = shape[axis++];
    let there = from[at++].size;
    while (here !== there) {
      if (here < there) here *= shape[axis++];
      else there *= from[at++].size;
    }
    for (let i = start; i + 1 < at; i++) if (from[i].stride !== from[i + 1].stride * from[i + 1].size) return null;
    let stride = from[at - 1].stride;
    for (let i = axis - 1; i >= first; i--) {
      strides[i] = stride;
      stride *= shape[i];
    }
  }
  return { ...view, shape, strides };
}

/**
 * The loops over `shape` that visit every list of strides alike: in the memory order of the first list, without axes of
 * size 1, and with axes joined where every list allows it.
 */
export function loopsOver(
  shape: Shape,
  lists: readonly (readonly number[])[],
): { sizes: number[]; strides: number[][] } {
  const axes = memoryOrder(lists[0]).filter((axis) => shape[axis] !== 1);
  const sizes: number[] = [];
  const strides: number[][] = lists.map(() => []);
  for (const axis of axes) {
    const last = sizes.length - 1;
    const joins = last >= 0 && lists.every((list, i) => strides[i][last] === list[axis] * shape[axis]);
    if (joins) sizes[last] *= shape[axis];
    else sizes.push(shape[axis]);
    for (const [i, list] of lists.entries()) {
      if (joins) strides[i][last] = list[axis];
      else strides[i].push(list[axis]);
    }
  }
  return { sizes, strides };
}
