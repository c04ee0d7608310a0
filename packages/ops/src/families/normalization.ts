import { sameShape, sizeOf, type Shape } from '@pathwise/model';
import type { Value } from '@pathwise/graph';
import { broadcastIndex } from '../broadcast.ts';
import type { OpBuilder } from '../builder.ts';

/** What is normalized: `rows` groups of `size` neighbouring elements. */
export interface Rows {
  readonly rows: number;
  readonly size: number;
}

/** Rows of `shape`: the axes from `axis` on are normalized together. */
export function rowsFrom(shape: Shape, axis: number): Rows {
  return { rows: sizeOf(shape.slice(0, axis)), size: sizeOf(shape.slice(axis)) };
}

export interface Standardized {
  readonly data: Float64Array;
  readonly means: Float64Array;
  readonly inverses: Float64Array;
}

/**
 * (x - mean) / sqrt(variance + epsilon) of each row, with the mean and 1 / sqrt(variance + epsilon) of each.
 * Not `centred`: the mean counts as 0, the variance is the mean square.
 */
export function standardize(x: Float64Array, { rows, size }: Rows, epsilon: number, centred: boolean): Standardized {
  const data = new Float64Array(x.length);
  const means = new Float64Array(rows);
  const inverses = new Float64Array(rows);
  for (let r = 0; r < rows; r++) {
    const start = r * size;
    const end = start + size;
    let sum = 0;
    if (centred) for (let i = start; i < end; i++) sum += x[i];
    const mean = sum / size;
    let squares = 0;
    for (let i = start; i < end; i++) squares += (x[i] - mean) * (x[i] - mean);
    const inverse = 1 / Math.sqrt(squares / size + epsilon);
    for (let i = start; i < end; i++) data[i] = (x[i] - mean) * inverse;
    means[r] = mean;
    inverses[r] = inverse;
  }
  return { data, means, inverses };
}

/** Multiplies by `scale` and adds `bias` in place; both are seen as of the shapes given, and broadcast to `shape`. */
export function scaleAndShift(
  data: Float64Array,
  shape: Shape,
  scale: Value,
  bias: Value | null,
  parameterShape: Shape = scale.shape,
): void {
  const at = broadcastIndex(parameterShape, shape);
  for (let i = 0; i < data.length; i++) data[i] *= scale.data[at[i]];
  if (bias === null) return;
  const biasAt = sameShape(bias.shape, scale.shape) ? at : broadcastIndex(bias.shape, shape);
  for (let i = 0; i < data.length; i++) data[i] += bias.data[biasAt[i]];
}

/** Emitted standardization of the rows of x. */
export interface StandardizedRefs {
  /** [rows, 1]; null where not centred. */
  readonly mean: string | null;
  /** [rows, 1]: 1 / sqrt(variance + epsilon). */
  readonly inverse: string;
  /** [rows, size] */
  readonly data: string;
}

/** Emits {@link standardize}. */
export function emitStandardized(
  b: OpBuilder,
  x: string,
  { rows, size }: Rows,
  epsilon: number,
  centred: boolean,
): StandardizedRefs {
  const flat = b.reshape(x, [rows, size]);
  const mean = centred ? b.reduceMean(flat, [1]) : null;
  const deviation = mean === null ? flat : b.sub(flat, mean);
  const variance = b.reduceMean(b.mul(deviation, deviation), [1]);
  const inverse = b.unary('Reciprocal', b.sqrt(b.add(variance, epsilon)));
  return { mean, inverse, data: b.mul(deviation, inverse) };
}

/**
 * Emits the cotangent of x [rows, size] from that of the standardized rows.
 * z: standardized, s: 1 / sqrt(variance + epsilon); dx = s (dz - mean(dz) - z mean(dz z)), without mean(dz) if not centred.
 */
export function standardizedGradient(b: OpBuilder, { mean, inverse, data }: StandardizedRefs, dz: string): string {
  const along = b.mul(data, b.reduceMean(b.mul(dz, data), [1]));
  const across = mean === null ? dz : b.sub(dz, b.reduceMean(dz, [1]));
  return b.mul(inverse, b.sub(across, along));
}
