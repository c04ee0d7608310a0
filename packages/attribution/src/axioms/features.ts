import type { Subject } from './subject.ts';

/** Largest absolute value of a vector. */
export function largestOf(vector: Float64Array): number {
  return vector.reduce((largest, v) => Math.max(largest, Math.abs(v)), 0);
}

/** Features with the largest attributions, spread over the rows. */
export function spreadFeatures(
  { places }: Subject,
  vectors: readonly Float64Array[],
  trials: number,
): { readonly row: number; readonly feature: number }[] {
  const orders = places.map(({ row }) => rank(vectors[row]));
  return Array.from({ length: trials }, (_, trial) => {
    const row = trial % places.length;
    return { row, feature: orders[row][Math.floor(trial / places.length) % orders[row].length] };
  });
}

/** Indices in descending order of absolute value. */
export function rank(vector: Float64Array): number[] {
  return Array.from(vector.keys()).sort((i, j) => Math.abs(vector[j]) - Math.abs(vector[i]));
}
