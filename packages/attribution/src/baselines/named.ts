import { PathwiseError, randomNormal, randomUniform, streams } from '@pathwise/model';
import { channelIn, type Source } from '../source.ts';
import type { Border } from './baseline.ts';
import { gaussianBlur } from './blur.ts';

/** Lowest and highest value of a row, as declared or as found. */
export type RangeOfRow = (row: number) => readonly [low: number, high: number];

export function declaredOrFoundRange(source: Source, declared: readonly [number, number] | undefined): RangeOfRow {
  if (declared !== undefined) return () => declared;
  return (row) => {
    const values = rowOf(source, row);
    return [values.reduce((a, b) => Math.min(a, b), Infinity), values.reduce((a, b) => Math.max(a, b), -Infinity)];
  };
}

export function rowOf({ values, size }: Source, row: number): Float64Array {
  return values.subarray(row * size, (row + 1) * size);
}

/** Per channel the mean over the other axes. */
export function meanOfRow(source: Source, row: number): Float64Array {
  requireSpatialAxes(source, 'mean');
  const values = rowOf(source, row);
  const { shape, size, channelAxis } = source;
  const channels = shape[channelAxis];
  const channelOf = channelIn(source);
  const means = new Float64Array(channels);
  for (let i = 0; i < size; i++) means[channelOf(i)] += values[i];
  for (let c = 0; c < channels; c++) means[c] /= size / channels;
  return values.map((_, i) => means[channelOf(i)]);
}

export function blurOfRow(source: Source, row: number, sigma: number, border: Border): Float64Array {
  requireSpatialAxes(source, 'blur');
  const axes = source.shape.map((_, axis) => axis).filter((axis) => axis !== source.channelAxis);
  return gaussianBlur(rowOf(source, row), source.shape, axes, sigma, border);
}

/** Element-wise the far end of the range: low where x >= (low + high) / 2, else high. */
export function farthest(values: Float64Array, [low, high]: readonly [number, number]): Float64Array {
  return values.map((x) => (x >= (low + high) / 2 ? low : high));
}

export interface RandomPlace {
  readonly seed: number;
  readonly sample: number;
  /** Index of the attributed input. */
  readonly tensor: number;
}

/** Uniform in the range, every element by itself. */
export function uniformRow(size: number, [low, high]: readonly [number, number], place: RandomPlace): Float64Array {
  const { seed, sample, tensor } = place;
  return Float64Array.from(
    { length: size },
    (_, element) => low + (high - low) * randomUniform(seed, streams.uniform, { sample, element, tensor }),
  );
}

/** x plus normal noise; sigma in units of the input. */
export function gaussianRow(
  values: Float64Array,
  sigma: number,
  clip: readonly [number, number] | null,
  { seed, sample, tensor }: RandomPlace,
): Float64Array {
  return values.map((x, element) => {
    const noisy = x + sigma * randomNormal(seed, streams.gaussian, { sample, element, tensor });
    return clip === null ? noisy : Math.min(clip[1], Math.max(clip[0], noisy));
  });
}

function requireSpatialAxes({ input, shape }: Source, name: string): void {
  if (shape.length >= 2) return;
  throw new PathwiseError(
    'BAD_ARGUMENT',
    `baseline: ${name} needs channels and spatial axes; a row of "${input}" has shape [${shape.join(',')}]. ` +
      'Give the baseline as a file (a mean over the batch would make rows depend on each other)',
    { tensor: input },
  );
}
