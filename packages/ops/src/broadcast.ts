import { PathwiseError, sizeOf, stridesOf, type Shape } from '@pathwise/model';

/**
 * The shape that both broadcast to (NumPy's rule, as ONNX uses it).
 * @throws PathwiseError BAD_SHAPE if there is none.
 */
export function broadcastShapes(...shapes: readonly Shape[]): number[] {
  const rank = Math.max(0, ...shapes.map((shape) => shape.length));
  const out = new Array<number>(rank).fill(1);
  for (const shape of shapes) {
    for (const [i, size] of shape.entries()) {
      const axis = rank - shape.length + i;
      if (size === 1 || size === out[axis]) continue;
      if (out[axis] !== 1) {
        throw new PathwiseError(
          'BAD_SHAPE',
          `shapes ${shapes.map((s) => `[${s.join(',')}]`).join(' and ')} do not broadcast`,
        );
      }
      out[axis] = size;
    }
  }
  return out;
}

/** Strides of `shape` seen as `target`: 0 along the axes that repeat. */
export function broadcastStrides(shape: Shape, target: Shape): number[] {
  const own = stridesOf(shape);
  const offset = target.length - shape.length;
  return target.map((_, axis) => (axis < offset || shape[axis - offset] === 1 ? 0 : own[axis - offset]));
}

/** Calls `visit(i, a)` for each element i of `target`, in order, with the index a of the element of `shape` under it. */
export function forEachBroadcast(shape: Shape, target: Shape, visit: (i: number, a: number) => void): void {
  const map = broadcastIndex(shape, target);
  for (let i = 0; i < map.length; i++) visit(i, map[i]);
}

/** For each element of `target`, the index of the element of `shape` under it. */
export function broadcastIndex(shape: Shape, target: Shape): Uint32Array {
  return stridedIndex(target, broadcastStrides(shape, target));
}

/** Index sum(position * stride) + offset for every element of `shape`, in row-major order. */
export function stridedIndex(shape: Shape, strides: readonly number[], offset = 0): Uint32Array {
  const size = sizeOf(shape);
  const out = new Uint32Array(size);
  if (size === 0) return out;
  const rank = shape.length;
  if (rank === 0) {
    out[0] = offset;
    return out;
  }
  const position = new Array<number>(rank).fill(0);
  const inner = shape[rank - 1];
  const innerStride = strides[rank - 1];
  let base = offset;
  for (let i = 0; i < size;) {
    for (let k = 0, at = base; k < inner; k++, at += innerStride) out[i++] = at;
    for (let axis = rank - 2; axis >= 0; axis--) {
      base += strides[axis];
      if (++position[axis] < shape[axis]) break;
      base -= strides[axis] * shape[axis];
      position[axis] = 0;
    }
  }
  return out;
}
