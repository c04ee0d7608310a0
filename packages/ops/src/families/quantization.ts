import { shapeError, sizeOf, stridesOf, type Shape } from '@pathwise/model';
import { normalizeAxis } from '../axes.ts';
import { stridedIndex } from '../broadcast.ts';
import type { OpBuilder } from '../builder.ts';

/** How scales lie along a tensor: one in all, one a position of `axis`, or one a block of consecutive positions. */
export type Granularity = { axis: number; block_size: number };

/** Scales of `scale` per tensor, per axis, or per block of `block` positions. */
type Layout = { kind: 'tensor' } | { kind: 'axis'; axis: number } | { kind: 'block'; axis: number; block: number };

/**
 * Finds how scales belong to a tensor.
 * @throws PathwiseError BAD_SHAPE if the shape of the scale fits in no way.
 */
export function scaleLayout(shape: Shape, scale: Shape, { axis: given, block_size: block }: Granularity): Layout {
  if (sizeOf(scale) === 1 && scale.length <= 1) return { kind: 'tensor' };
  const axis = normalizeAxis(given, shape.length);
  if (scale.length === 1 && scale[0] === shape[axis]) return { kind: 'axis', axis };
  const blocks = block > 0 ? shape.with(axis, Math.ceil(shape[axis] / block)) : [];
  if (scale.length !== shape.length || !blocks.every((size, i) => size === scale[i]) || block <= 0) {
    throw shapeError('quantization', 'scale', `[], [${shape[axis]}] or blocks along axis ${axis}`, scale);
  }
  return { kind: 'block', axis, block };
}

/** For each element of a tensor, the index of its scale. */
export function scaleIndex(shape: Shape, scale: Shape, granularity: Granularity): Uint32Array {
  const layout = scaleLayout(shape, scale, granularity);
  if (layout.kind === 'tensor') return new Uint32Array(sizeOf(shape));
  const { axis } = layout;
  if (layout.kind === 'axis') {
    return stridedIndex(
      shape,
      shape.map((_, i) => Number(i === axis)),
    );
  }
  const strides = stridesOf(scale);
  const index = stridedIndex(shape, strides.with(axis, 0));
  const position = stridedIndex(
    shape,
    shape.map((_, i) => Number(i === axis)),
  );
  for (let i = 0; i < index.length; i++) index[i] += Math.floor(position[i] / layout.block) * strides[axis];
  return index;
}

/** Emits scales (or zero points) in a shape that broadcasts to the tensor's. */
export function spreadScale(b: OpBuilder, scale: string, shape: Shape, granularity: Granularity): string {
  const layout = scaleLayout(shape, b.shape(scale), granularity);
  if (layout.kind === 'tensor') return b.reshape(scale, []);
  const { axis } = layout;
  if (layout.kind === 'axis') {
    return b.reshape(
      scale,
      shape.map((size, i) => (i === axis ? size : 1)),
    );
  }
  const own = b.shape(scale);
  const column = b.reshape(scale, own.toSpliced(axis + 1, 0, 1));
  const repeated = b.expand(column, own.toSpliced(axis + 1, 0, layout.block));
  const whole = b.reshape(repeated, own.with(axis, own[axis] * layout.block));
  return b.slice(whole, [0], [shape[axis]], [axis]);
}
