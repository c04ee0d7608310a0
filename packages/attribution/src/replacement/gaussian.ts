import { factor, substitute } from '../coalitions/cholesky.ts';

/** A multivariate normal distribution; the covariance row by row. */
export interface Gaussian {
  readonly mean: Float64Array;
  readonly covariance: Float64Array;
}

/** Share of the mean variance that is added to every variance: samples seldom span all directions. */
const JITTER = 1e-6;
/** For what does not vary at all. */
const LEAST_VARIANCE = 1e-18;

/** Mean and covariance of samples (divided by their number), with a little added to the variances. */
export function fitGaussian(samples: readonly Float64Array[], size: number): Gaussian {
  const mean = new Float64Array(size);
  for (const sample of samples) for (let i = 0; i < size; i++) mean[i] += sample[i] / samples.length;
  const covariance = new Float64Array(size * size);
  for (const sample of samples) {
    for (let i = 0; i < size; i++) {
      const scaled = (sample[i] - mean[i]) / samples.length;
      for (let j = 0; j <= i; j++) covariance[i * size + j] += scaled * (sample[j] - mean[j]);
    }
  }
  let trace = 0;
  for (let i = 0; i < size; i++) trace += covariance[i * size + i];
  const jitter = Math.max((JITTER * trace) / size, LEAST_VARIANCE);
  for (let i = 0; i < size; i++) {
    covariance[i * size + i] += jitter;
    for (let j = 0; j < i; j++) covariance[j * size + i] = covariance[i * size + j];
  }
  return { mean, covariance };
}

/** The distribution of some coordinates when others are known. */
export interface Conditional {
  /** Mean of the unknown coordinates for values of the known ones. */
  mean(known: Float64Array): Float64Array;
  readonly covariance: Float64Array;
  /** Mean + L z for standard normal z. */
  sample(mean: Float64Array, normals: Float64Array): Float64Array;
}

/**
 * N(m1 + S12 S22^-1 (x2 - m2), S11 - S12 S22^-1 S21) of the coordinates `unknown` for values x2 of the coordinates `known`.
 */
export function conditionalOf(
  { mean, covariance }: Gaussian,
  unknown: readonly number[],
  known: readonly number[],
): Conditional {
  const [m, n, size] = [unknown.length, known.length, mean.length];
  const at = (i: number, j: number): number => covariance[i * size + j];
  const among = Float64Array.from({ length: n * n }, (_, k) => at(known[Math.floor(k / n)], known[k % n]));
  factor(among, n);
  // Row i: S22^-1 S2i, so that S12 S22^-1 is the matrix of these rows.
  const weights = unknown.map((i) => {
    const column = Float64Array.from(known, (j) => at(j, i));
    substitute(among, n, column);
    return column;
  });
  const left = new Float64Array(m * m);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < m; j++) {
      left[i * m + j] =
        at(unknown[i], unknown[j]) - known.reduce((sum, k, n2) => sum + weights[i][n2] * at(k, unknown[j]), 0);
    }
  }
  const lower = left.slice();
  factor(lower, m);
  return {
    covariance: left,
    mean: (values) =>
      Float64Array.from(unknown, (i, row) =>
        known.reduce((sum, j, k) => sum + weights[row][k] * (values[k] - mean[j]), mean[i]),
      ),
    sample: (centre, normals) =>
      centre.map((value, i) => {
        let sum = value;
        for (let j = 0; j <= i; j++) sum += lower[i * m + j] * normals[j];
        return sum;
      }),
  };
}
