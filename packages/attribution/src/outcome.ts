import type { MovingTensor, Tensor, Warning } from '@pathwise/model';
import type { Context } from './context.ts';
import type { Moments } from './evaluate/moments.ts';
import { dot, type PathEnds, type PathIntegral } from './evaluate/integral.ts';
import type { InputPaths } from './input-paths.ts';
import type { Outcome } from './method.ts';
import { differentiated, displacement, isStill, type StraightPaths } from './path.ts';

/** A tensor of attributions, one row a row; an input whose whole is one row loses the axis again. */
export function attributionTensor(shape: readonly number[], rows: number, data: Float64Array, batched = true): Tensor {
  return { dtype: 'float32', shape: batched ? [rows, ...shape] : [...shape], data };
}

/** Splits one vector a row into the differentiated tensors. */
export function splitRows(
  moving: readonly MovingTensor[],
  vectors: readonly Float64Array[],
  batched: (name: string) => boolean = () => true,
): Record<string, Tensor> {
  return splitVectors(differentiated(moving), vectors, batched);
}

/** Splits one vector a row into the tensors that it holds one after another. */
export function splitVectors(
  tensors: readonly Pick<MovingTensor, 'name' | 'shape' | 'size'>[],
  vectors: readonly Float64Array[],
  batched: (name: string) => boolean = () => true,
): Record<string, Tensor> {
  const out: Record<string, Tensor> = {};
  let offset = 0;
  for (const { name, shape, size } of tensors) {
    const data = new Float64Array(size * vectors.length);
    for (const [row, vector] of vectors.entries()) data.set(vector.subarray(offset, offset + size), row * size);
    out[name] = attributionTensor(shape, vectors.length, data, batched(name));
    offset += size;
  }
  return out;
}

export interface PathOutcomeOptions {
  /** true: attribution = displacement * mean gradient; false: the mean gradient. */
  readonly multiply: boolean;
  readonly exact: boolean;
  readonly outputAtInput: readonly number[];
}

/**
 * Attributions from mean gradients along paths: the weighted mean over each row's baselines, with the convergence
 * delta against the weighted mean of F(x') and the stated error.
 */
export function pathOutcome(
  { sources }: Pick<Context, 'sources'>,
  { paths, baselines }: InputPaths,
  ends: PathEnds,
  integral: PathIntegral,
  { multiply, exact, outputAtInput }: PathOutcomeOptions,
): Outcome {
  const { count, weights } = baselines;
  const rows = paths.count / count;
  const contributions = integral.gradients.map((gradient, path) => {
    const delta = displacement(paths, path);
    return gradient.map((g, i) => g * delta[i]);
  });
  const perPath = multiply ? contributions : integral.gradients;
  const mean = <T>(row: number, of: (path: number, weight: number) => T): T[] =>
    weights.map((weight, k) => of(row * count + k, weight));
  const rowList = Array.from({ length: rows }, (_, row) => row);
  const attributions = rowList.map((row) =>
    weightedMean(
      mean(row, (path) => perPath[path]),
      weights,
    ),
  );
  const outputAtBaseline = rowList.map((row) => sum(mean(row, (path, weight) => weight * ends.from[path])));
  const sums = rowList.map((row) => sum(mean(row, (path, weight) => weight * sum(contributions[path]))));
  const batched = (name: string): boolean => sources.find((source) => source.name === name)?.batched ?? true;
  const split = (vectors: readonly Float64Array[]) => splitRows(paths.moving, vectors, batched);
  const { standardErrors } = integral;
  return {
    attributions: split(attributions),
    unit: multiply ? 'contribution' : 'per-unit',
    outputAtInput,
    outputAtBaseline,
    convergenceDelta: sums.map((total, row) => total - (outputAtInput[row] - outputAtBaseline[row])),
    error:
      integral.errors === null
        ? null
        : rowList.map((row) => combineErrors(integral.errors as number[], contributions, row, weights)),
    errorMet:
      integral.met === null
        ? null
        : rowList.map((row) => mean(row, (path) => (integral.met as boolean[])[path]).every(Boolean)),
    ...(standardErrors === undefined
      ? {}
      : {
          standardErrors: split(
            rowList.map((row) =>
              weightedNorm(
                mean(row, (path) => standardErrors[path]),
                weights,
              ),
            ),
          ),
        }),
    ...(count === 1
      ? {}
      : { perBaseline: weights.map((_, k) => split(rowList.map((row) => perPath[row * count + k]))) }),
    ...(exact ? { exact: true } : {}),
    warnings: [...integral.warnings, ...pathWarnings(paths, ends, integral, count)],
  };
}

/** Contributions of each row, compared with F(x) - F at the path's start. */
export function contributionOutcome(
  { sources, outputAtInput }: Pick<Context, 'sources' | 'outputAtInput'>,
  paths: StraightPaths,
  contributions: readonly Float64Array[],
  outputAtBaseline: readonly number[],
): Outcome {
  const batched = (name: string): boolean => sources.find((source) => source.name === name)?.batched ?? true;
  return {
    attributions: splitRows(paths.moving, contributions, batched),
    outputAtInput,
    outputAtBaseline,
    convergenceDelta: contributions.map((own, row) => sum(own) - (outputAtInput[row] - outputAtBaseline[row])),
  };
}

/** What sampled attributions of each row are compared with. */
export interface SampledEnds {
  readonly outputAtBaseline: readonly number[];
  /** What the attributions sum to in expectation. */
  readonly changes: readonly number[];
}

/** Attributions as means of random vectors, with their standard errors where there are at least two a row. */
export function sampledOutcome(
  { sources, outputAtInput }: Pick<Context, 'sources' | 'outputAtInput'>,
  paths: StraightPaths,
  means: readonly Moments[],
  { outputAtBaseline, changes }: SampledEnds,
): Outcome {
  const batched = (name: string): boolean => sources.find((source) => source.name === name)?.batched ?? true;
  const split = (vectors: readonly Float64Array[]) => splitRows(paths.moving, vectors, batched);
  const errors = means.flatMap((moments) => moments.standardErrors() ?? []);
  return {
    attributions: split(means.map(({ mean }) => mean)),
    outputAtInput,
    outputAtBaseline,
    convergenceDelta: means.map(({ mean }, row) => sum(mean) - changes[row]),
    ...(errors.length === means.length ? { standardErrors: split(errors) } : {}),
  };
}

/** L1 errors of a row's baselines add up at most; relative to the L1 norm of the weighted mean. */
function combineErrors(
  errors: readonly number[],
  contributions: readonly Float64Array[],
  row: number,
  weights: readonly number[],
): number {
  const count = weights.length;
  if (count === 1) return errors[row];
  const own = weights.map((_, k) => contributions[row * count + k]);
  const total = sum(weights.map((weight, k) => Math.abs(weight) * errors[row * count + k] * l1(own[k])));
  const size = l1(weightedMean(own, weights));
  if (total === 0) return 0;
  return size === 0 ? Number.MAX_VALUE : total / size;
}

/** Change of F within one gap between nodes, as a share of the whole, from which on it is worth a warning. */
const SATURATED_SHARE = 0.5;

function pathWarnings(paths: StraightPaths, ends: PathEnds, integral: PathIntegral, perRow: number): Warning[] {
  const rows = new Set<number>();
  const unmet = new Set<number>();
  for (let path = 0; path < paths.count; path++) {
    const change = Math.abs(ends.to[path] - ends.from[path]);
    if (change > 0 && integral.largestChange[path] > SATURATED_SHARE * change) rows.add(Math.floor(path / perRow));
    if (integral.met?.[path] === false) unmet.add(Math.floor(path / perRow));
  }
  const warnings: Warning[] = [];
  const still = Array.from({ length: paths.count }, (_, path) => path).filter((path) => isStill(paths, path));
  if (still.length > 0) {
    const list = [...new Set(still.map((path) => Math.floor(path / perRow)))].join(', ');
    warnings.push({
      code: 'input-is-baseline',
      message: `the input equals a baseline in row ${list}: nothing to attribute`,
    });
  }
  if (rows.size > 0) {
    warnings.push({
      code: 'saturation',
      message: `more than half of F(x) - F(x') falls between two neighbouring nodes in row ${[...rows].join(', ')}: the function is saturated on most of the path`,
    });
  }
  if (unmet.size > 0) {
    const reached = [...unmet].map((row) => (integral.errors?.[row * perRow] ?? NaN).toPrecision(2)).join(', ');
    warnings.push({
      code: 'tolerance-not-met',
      message: `the tolerance was not met in row ${[...unmet].join(', ')}: stated error ${reached}. Raise maxEvaluations, or accept a larger tolerance`,
    });
  }
  return warnings;
}

function weightedMean(vectors: readonly Float64Array[], weights: readonly number[]): Float64Array {
  if (vectors.length === 1) return vectors[0];
  const out = new Float64Array(vectors[0].length);
  for (const [k, vector] of vectors.entries()) for (let i = 0; i < out.length; i++) out[i] += weights[k] * vector[i];
  return out;
}

function weightedNorm(vectors: readonly Float64Array[], weights: readonly number[]): Float64Array {
  return vectors[0].map((_, i) => Math.hypot(...vectors.map((vector, k) => weights[k] * vector[i])));
}

function sum(values: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i];
  return total;
}

function l1(vector: Float64Array): number {
  return dot(vector, vector.map(Math.sign));
}
