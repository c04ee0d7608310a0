import { shapeError, sizeOf, stridesOf, type DType, type Shape } from '@pathwise/model';
import type { Value } from '@pathwise/graph';
import { normalizeAxis } from '../axes.ts';
import { broadcastIndex, stridedIndex } from '../broadcast.ts';
import type { OpBuilder } from '../builder.ts';
import { integerBounds } from '../integers.ts';
import { roundHalfToEven } from '../ops/rounding.ts';

/**
 * How scales lie along a tensor: one in all, one a position of `axis`, or (with a block size) one a block of
 * consecutive positions of it.
 */
export type Granularity = { axis: number; block_size: number };

/** One scale for all. */
export const PER_TENSOR: Granularity = { axis: 0, block_size: 0 };

/** The scales broadcast to the tensor once they have shape `view`, or each serves a block of positions of `axis`. */
type Layout = { kind: 'broadcast'; view: Shape } | { kind: 'block'; axis: number; block: number };

/**
 * Finds how scales belong to a tensor.
 * @throws PathwiseError BAD_SHAPE if the shape of the scale fits in no way.
 */
export function scaleLayout(shape: Shape, scale: Shape, { axis: given, block_size: block }: Granularity): Layout {
  if (sizeOf(scale) === 1) return { kind: 'broadcast', view: [] };
  const axis = normalizeAxis(given, shape.length);
  if (scale.length === 1 && scale[0] === shape[axis]) {
    return { kind: 'broadcast', view: shape.map((size, i) => (i === axis ? size : 1)) };
  }
  const fits = (expected: Shape): boolean => scale.length === shape.length && scale.every((d, i) => d === expected[i]);
  if (block > 0 && fits(shape.with(axis, Math.ceil(shape[axis] / block)))) return { kind: 'block', axis, block };
  if (block <= 0 && fits(shape.map((size, i) => (scale[i] === 1 ? 1 : size))))
    return { kind: 'broadcast', view: scale };
  throw shapeError('quantization', 'scale', `[], [${shape[axis]}] or blocks along axis ${axis}`, scale);
}

/** For each element of a tensor, the index of its scale. */
function scaleIndex(shape: Shape, scale: Shape, granularity: Granularity): Uint32Array {
  const layout = scaleLayout(shape, scale, granularity);
  if (layout.kind === 'broadcast') return broadcastIndex(layout.view, shape);
  const { axis, block } = layout;
  const strides = stridesOf(scale);
  const index = stridedIndex(shape, strides.with(axis, 0));
  const position = stridedIndex(
    shape,
    shape.map((_, i) => Number(i === axis)),
  );
  for (let i = 0; i < index.length; i++) index[i] += Math.floor(position[i] / block) * strides[axis];
  return index;
}

/** (x - zero point) * scale. */
export function dequantize(
  x: Value,
  scale: Value,
  zeroPoint: Value | null | undefined,
  how: Granularity,
): Float64Array {
  const index = scaleIndex(x.shape, scale.shape, how);
  const zeroIndex = zeroPoint ? scaleIndex(x.shape, zeroPoint.shape, how) : index;
  const out = new Float64Array(x.data.length);
  for (let i = 0; i < out.length; i++) {
    const zero = zeroPoint ? zeroPoint.data[zeroIndex[i]] : 0;
    out[i] = (x.data[i] - zero) * scale.data[index[i]];
  }
  return out;
}

/**
 * round(x / scale) + zero point within the range of `dtype`. For float32 scales the quotient is rounded to float32, as
 * it is in the model: near a half the last bit decides the level.
 */
export function quantize(
  x: { readonly shape: Shape; readonly data: Float64Array },
  scale: Value,
  zeroPoint: Value | null | undefined,
  dtype: DType,
  how: Granularity,
): Float64Array {
  const index = scaleIndex(x.shape, scale.shape, how);
  const zeroIndex = zeroPoint ? scaleIndex(x.shape, zeroPoint.shape, how) : index;
  const [low, high] = integerBounds(dtype);
  const out = new Float64Array(x.data.length);
  for (let i = 0; i < out.length; i++) {
    const zero = zeroPoint ? zeroPoint.data[zeroIndex[i]] : 0;
    const quotient = x.data[i] / scale.data[index[i]];
    const level = roundHalfToEven(scale.dtype === 'float32' ? Math.fround(quotient) : quotient) + zero;
    out[i] = level < low ? low : level > high ? high : level;
  }
  return out;
}

/** Emits scales (or zero points) in a shape that broadcasts to the tensor's. */
export function spreadScale(b: OpBuilder, scale: string, shape: Shape, granularity: Granularity): string {
  const layout = scaleLayout(shape, b.shape(scale), granularity);
  if (layout.kind === 'broadcast') return b.reshape(scale, layout.view);
  const { axis, block } = layout;
  const own = b.shape(scale);
  const column = b.reshape(scale, own.toSpliced(axis + 1, 0, 1));
  const repeated = b.expand(column, own.toSpliced(axis + 1, 0, block));
  const whole = b.reshape(repeated, own.with(axis, own[axis] * block));
  return b.slice(whole, [0], [shape[axis]], [axis]);
}

/** Emits what {@link quantize} computes, in simpler ops. */
export function emitLevels(
  b: OpBuilder,
  x: string,
  { scale, zeroPoint, dtype, how }: { scale: string; zeroPoint: string | undefined; dtype: DType; how: Granularity },
): string {
  const shape = b.shape(x);
  const [low, high] = integerBounds(dtype);
  const unit = spreadScale(b, scale, shape, how);
  const steps = b.emit('Round', [b.div(b.castLike(x, unit), unit)]);
  const level = zeroPoint ? b.add(steps, b.castLike(spreadScale(b, zeroPoint, shape, how), unit)) : steps;
  const bounds = [low, high].map((bound) => b.castLike(b.scalar(bound), level));
  return b.emit('Cast', [b.emit('Clip', [level, ...bounds])], { to: dtype });
}
