import { randomNormal, sizeOf, streams, toFloat64, type Feeds, type Tensor } from '@pathwise/model';

/** Directions that gradients are compared along, and steps as parts of the size of the input. */
const DIRECTIONS = 6;
const STEPS = [1e-2, 1e-3, 1e-4];

/** Above this a gradient is wrong; right ones stay below 2e-4. */
export const LARGEST_ERROR = 1e-2;

/** F of each row of feeds that are one row each, and the gradient at the sample. */
export interface Checked {
  readonly valuesOf: (rows: readonly Feeds[]) => Promise<readonly number[]>;
  readonly gradient: Feeds;
}

/**
 * How far a gradient is from central differences, relative to its size: the best step of each of six random
 * directions, and of these the median. A kink that one direction or step happens to cross does not count.
 */
export async function differenceError(sample: Feeds, { valuesOf, gradient }: Checked): Promise<number> {
  const names = Object.keys(gradient);
  const scales = names.map((name) => rootMeanSquare(sample[name] as Tensor));
  const directions = Array.from({ length: DIRECTIONS }, (_, k) =>
    names.map((name, i) => direction(sizeOf((sample[name] as Tensor).shape), k, i, scales[i] as number)),
  );
  const along = (direction: readonly Float64Array[], step: number): Feeds => ({
    ...sample,
    ...Object.fromEntries(
      names.map((name, i) => [name, moved(sample[name] as Tensor, direction[i] as Float64Array, step)]),
    ),
  });
  const rows = directions.flatMap((d) => STEPS.flatMap((step) => [along(d, step), along(d, -step)]));
  const values = await valuesOf(rows);
  const gradients = names.map((name) => toFloat64((gradient[name] as Tensor).data));
  const size = Math.hypot(...gradients.map((g, i) => Math.hypot(...g) * (scales[i] as number)));
  const errors = directions.map((d, k) => {
    const slope = d.reduce((sum, v, i) => sum + dot(v, gradients[i] as Float64Array), 0);
    const found = STEPS.map((step, j) => {
      const at = 2 * (k * STEPS.length + j);
      return Math.abs(((values[at] as number) - (values[at + 1] as number)) / (2 * step) - slope);
    });
    const best = Math.min(...found);
    return best === 0 ? 0 : best / size;
  });
  errors.sort((a, b) => a - b);
  return ((errors[DIRECTIONS / 2 - 1] as number) + (errors[DIRECTIONS / 2] as number)) / 2;
}

function direction(size: number, sample: number, tensor: number, scale: number): Float64Array {
  return Float64Array.from(
    { length: size },
    (_, element) => scale * randomNormal(0, streams.gaussian, { sample, tensor, element }),
  );
}

/** Of zeros it is taken as 1. */
export function rootMeanSquare({ data }: Tensor): number {
  const values = toFloat64(data);
  return Math.sqrt(dot(values, values) / Math.max(values.length, 1)) || 1;
}

function moved(t: Tensor, direction: Float64Array, step: number): Tensor {
  const data = toFloat64(t.data).map((v, i) => v + step * (direction[i] as number));
  return { ...t, data };
}

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, v, i) => sum + v * (b[i] as number), 0);
}
