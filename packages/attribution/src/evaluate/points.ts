import {
  asFloats,
  PathwiseError,
  rowsOf,
  toFloat64,
  throwIfAborted,
  type Feeds,
  type GradientRequest,
  type GradientResult,
  type GradientVector,
  type PathBundle,
  type PathPoint,
  type PathSums,
  type Progress,
  type Tensor,
} from '@pathwise/model';
import { differentiated, pointOnPath, type StraightPaths } from '../path.ts';
import { atPoint, explainNonFinite } from './non-finite.ts';
import { gatherRows } from './rows.ts';

export interface EvaluationOptions {
  /** Bytes that evaluating may take at a time, tile and kept gradients together. */
  readonly maxBytes: number;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/** Points evaluated together at most, whatever the budget: progress and cancellation stay prompt. */
const LARGEST_TILE = 256;

/** Engines work on so many rows at once: a tile that is not a multiple of it wastes part of the last group. */
const LANES = 8;

/** Points that fit half of the byte budget; at least one. */
export function tileSize({ model, fixed, moving }: StraightPaths, maxBytes: number): number {
  const one: Record<string, Tensor> = {};
  for (const [name, feed] of Object.entries(fixed)) one[name] = rowsOf(feed, 0, 1);
  for (const { name, shape, size } of moving) {
    one[name] = { dtype: 'float32', shape: [1, ...shape], data: new Float32Array(size) };
  }
  const fitting = Math.min(LARGEST_TILE, Math.floor(maxBytes / 2 / Math.max(1, model.bytesPerRow(one))));
  return fitting < LANES ? Math.max(1, fitting) : fitting - (fitting % LANES);
}

/** Numbers as an engine gives them. */
export type FloatVector = Float64Array | Float32Array;

/**
 * Evaluates F and its gradient at points of several paths, in the order given. What a point gives does not depend on
 * the others.
 */
export async function evaluatePoints(
  paths: StraightPaths,
  points: readonly PathPoint[],
  options: EvaluationOptions,
  visit: (index: number, output: number, gradient: GradientVector) => void,
): Promise<void> {
  const visitEach = (i: number, output: number, gradient: GradientVector | null): void =>
    visit(i, output, gradient as GradientVector);
  if ((await withinEngine(paths, points, null, options, visitEach)) !== null) return;
  const tile = tileSize(paths, options.maxBytes);
  for (let start = 0; start < points.length; start += tile) {
    throwIfAborted(options.signal);
    await evaluateTile(paths, points.slice(start, start + tile), options, (i, output, gradient) =>
      visit(start + i, output, gradient),
    );
  }
}

/** Evaluates points within the engine, each by itself or summed with weights; null where it does not offer that. */
export async function withinEngine(
  paths: StraightPaths,
  points: readonly PathPoint[],
  weights: readonly Float64Array[] | null,
  options: EvaluationOptions,
  visit: (index: number, output: number, gradient: GradientVector | null) => void,
  meanwhile?: () => Promise<void>,
): Promise<PathSums | null> {
  const { model } = paths;
  if (model.integrate === undefined || points.length === 0) return null;
  try {
    return await model.integrate({ paths, points, weights, visit, meanwhile }, options);
  } catch (error) {
    const at = error instanceof PathwiseError && error.code === 'NON_FINITE' ? error.place.row : undefined;
    // The point once more by itself: that names the node.
    if (at !== undefined) await evaluateTile(paths, [points[at]], options, () => {});
    throw error;
  }
}

async function evaluateTile(
  paths: StraightPaths,
  points: readonly PathPoint[],
  options: EvaluationOptions,
  visit: (index: number, output: number, gradient: GradientVector) => void,
): Promise<void> {
  const wrt = differentiated(paths.moving);
  const names = wrt.map(({ name }) => name);
  const { values, gradients } = await gradientsAt(paths, points, feedsAt(paths, points), { wrt: names }, options);
  const data = names.map((name) => asFloats((gradients[name] as Tensor).data));
  const sizes = wrt.map(({ size }) => size);
  for (const [i, point] of points.entries()) {
    const vector = joinRow(data, sizes, i);
    if (!Number.isFinite(values[i]) || !vector.every(Number.isFinite)) {
      throw await explainNonFinite(paths, point, feedsAt(paths, [point]));
    }
    visit(i, values[i], vector);
  }
}

/** F and its gradients at some points, whose feeds are given; errors name the place on the path. */
export function gradientsAt(
  { model, objective: { tensor, rows } }: StraightPaths,
  points: readonly PathPoint[],
  feeds: Feeds,
  asked: Pick<GradientRequest, 'wrt' | 'wanted'>,
  options: EvaluationOptions,
): Promise<GradientResult> {
  const objective = { tensor, rows: rows.length === 1 ? rows : points.map(({ path }) => rows[path]) };
  return model
    .gradient({ feeds, objective, ...asked }, options)
    .catch((error: unknown) => Promise.reject(atPoint(error, points)));
}

/** F at one end of every path, and further tensors there; from forward runs. */
export function evaluateEnds(
  paths: StraightPaths,
  alpha: 0 | 1,
  options: EvaluationOptions,
  wanted: readonly string[] = [],
): Promise<{ outputs: Float64Array; tensors: Record<string, Float64Array> }> {
  return evaluateOutputs(
    paths,
    Array.from({ length: paths.count }, (_, path) => ({ path, alpha })),
    options,
    wanted,
  );
}

/** F at points of several paths, and further tensors there; from forward runs. */
export async function evaluateOutputs(
  paths: StraightPaths,
  points: readonly PathPoint[],
  options: EvaluationOptions,
  wanted: readonly string[] = [],
): Promise<{ outputs: Float64Array; tensors: Record<string, Float64Array> }> {
  const { objective, model } = paths;
  const count = points.length;
  const tile = tileSize(paths, options.maxBytes);
  const outputs = new Float64Array(count);
  const tensors: Record<string, Float64Array> = {};
  for (let start = 0; start < count; start += tile) {
    throwIfAborted(options.signal);
    const here = points.slice(start, start + tile);
    const results = await model.forward(feedsAt(paths, here), [objective.tensor, ...wanted], options);
    for (const name of wanted) {
      const values = toFloat64((results[name] as Tensor).data);
      const all = (tensors[name] ??= new Float64Array((values.length / here.length) * count));
      all.set(values, (values.length / here.length) * start);
    }
    const output = results[objective.tensor] as Tensor;
    for (const [i, { path, alpha }] of here.entries()) {
      const row = objective.rows[objective.rows.length === 1 ? 0 : path];
      const value = objectiveValue(row, toFloat64(rowsOf(output, i, i + 1).data));
      outputs[start + i] = value;
      if (!Number.isFinite(value)) {
        throw new PathwiseError('NON_FINITE', `the target is ${value} at alpha = ${alpha}, row ${path}`, {
          alpha,
          tensor: objective.tensor,
        });
      }
    }
  }
  return { outputs, tensors };
}

/** F of one row of the target's tensor. */
export function objectiveValue(row: StraightPaths['objective']['rows'][number], output: Float64Array): number {
  if (row.kind === 'function') return row.evaluate(output).value;
  let sum = 0;
  for (let i = 0; i < output.length; i++) if (row.weights[i] !== 0) sum += row.weights[i] * output[i];
  return sum;
}

/** The feeds of some points: moving tensors where they are, the others by their row. */
export function feedsAt({ moving, fixed }: Pick<PathBundle, 'moving' | 'fixed'>, points: readonly PathPoint[]): Feeds {
  const feeds: Record<string, Tensor> = {};
  for (const [name, feed] of Object.entries(fixed)) {
    feeds[name] =
      feed.shape[0] === 1
        ? feed
        : gatherRows(
            feed,
            points.map(({ path }) => path),
          );
  }
  for (const { name, shape, size, from, to } of moving) {
    const data = new Float64Array(points.length * size);
    for (const [i, { path, alpha }] of points.entries()) {
      const at = path * size;
      for (let j = 0; j < size; j++) data[i * size + j] = pointOnPath(from[at + j], to[at + j], alpha);
    }
    feeds[name] = { dtype: 'float32', shape: [points.length, ...shape], data };
  }
  return feeds;
}

/** One row of several tensors, one after another. */
export function joinRow(data: readonly GradientVector[], sizes: readonly number[], row: number): GradientVector {
  if (data.length === 1) return data[0].subarray(row * sizes[0], (row + 1) * sizes[0]);
  const out = new Float64Array(sizes.reduce((a, b) => a + b, 0));
  let at = 0;
  for (const [k, size] of sizes.entries()) {
    out.set(data[k].subarray(row * size, (row + 1) * size), at);
    at += size;
  }
  return out;
}
