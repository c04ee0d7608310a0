import { shapeError, type Shape } from '@pathwise/model';

/** The axes after batch and channels. */
export function spatialAxes(shape: Shape): number[] {
  return shape.flatMap((_, axis) => (axis < 2 ? [] : [axis]));
}

/** [batch, channels, 1, ...]. @throws PathwiseError BAD_SHAPE if x has no channels. */
export function globalShape(shape: Shape): number[] {
  if (shape.length < 2) throw shapeError('global pooling', 'X', '[batch, channels, ...spatial]', shape);
  return shape.map((size, axis) => (axis < 2 ? size : 1));
}
