import { argumentError, type Shape } from '@pathwise/model';

/**
 * An axis in [-rank, rank) as one in [0, rank).
 * @throws PathwiseError BAD_ARGUMENT if it is out of range.
 */
export function normalizeAxis(axis: number, rank: number): number {
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank) {
    throw argumentError('axes', 'axis', `an integer in [${-rank}, ${rank - 1}]`, axis);
  }
  return axis < 0 ? axis + rank : axis;
}

/**
 * Axes in [-rank, rank) as ascending ones in [0, rank).
 * @throws PathwiseError BAD_ARGUMENT if one is out of range or given twice.
 */
export function normalizeAxes(axes: readonly number[], rank: number): number[] {
  const sorted = axes.map((axis) => normalizeAxis(axis, rank)).sort((a, b) => a - b);
  if (new Set(sorted).size < sorted.length) throw argumentError('axes', 'axes', 'each axis once', axes);
  return sorted;
}

/** `shape` seen as [outer, size, inner] around `axis` (normalized). */
export function aroundAxis(shape: Shape, axis: number): { outer: number; size: number; inner: number } {
  let outer = 1;
  let inner = 1;
  for (const [i, d] of shape.entries()) {
    if (i < axis) outer *= d;
    else if (i > axis) inner *= d;
  }
  return { outer, size: shape[axis], inner };
}
