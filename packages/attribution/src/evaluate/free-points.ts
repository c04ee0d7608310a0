import { PathwiseError, type GradientVector } from '@pathwise/model';
import type { StraightPaths } from '../path.ts';
import { evaluateEnds, evaluatePoints, tileSize, type EvaluationOptions } from './points.ts';
import { selectPaths } from './select-paths.ts';

/** A point that need not lie on its path; what does not move, and the target, are those of the path. */
export interface FreePoint {
  readonly path: number;
  /** All moving tensors one after another. */
  readonly values: Float64Array;
}

/**
 * F and its gradient at `count` points, tile by tile in order. Points are asked for as they are needed, each once, and
 * what one gives does not depend on the tile it lies in.
 */
export function evaluateFree(
  paths: StraightPaths,
  count: number,
  pointAt: (index: number) => FreePoint,
  options: EvaluationOptions,
  visit: (index: number, output: number, gradient: GradientVector) => void,
): Promise<void> {
  return inTiles(paths, count, pointAt, options, (placed, start) => {
    const points = Array.from({ length: placed.count }, (_, path) => ({ path, alpha: 1 }));
    return evaluatePoints(placed, points, options, (i, output, gradient) => visit(start + i, output, gradient));
  });
}

/** F at `count` points, from forward runs. */
export async function outputsFree(
  paths: StraightPaths,
  count: number,
  pointAt: (index: number) => FreePoint,
  options: EvaluationOptions,
): Promise<Float64Array> {
  const outputs = new Float64Array(count);
  await inTiles(paths, count, pointAt, options, async (placed, start) => {
    outputs.set((await evaluateEnds(placed, 1, options)).outputs, start);
  });
  return outputs;
}

async function inTiles(
  paths: StraightPaths,
  count: number,
  pointAt: (index: number) => FreePoint,
  options: EvaluationOptions,
  evaluate: (placed: StraightPaths, start: number) => Promise<void>,
): Promise<void> {
  const tile = tileSize(paths, options.maxBytes);
  for (let start = 0; start < count; start += tile) {
    const points = Array.from({ length: Math.min(tile, count - start) }, (_, i) => pointAt(start + i));
    await evaluate(placedAt(paths, points), start).catch((error: unknown) => Promise.reject(withRows(error, points)));
  }
}

/** Paths that stay at the points. */
function placedAt(paths: StraightPaths, points: readonly FreePoint[]): StraightPaths {
  const chosen = selectPaths(
    { ...paths, moving: [] },
    points.map(({ path }) => path),
  );
  let offset = 0;
  const moving = paths.moving.map((t) => {
    const data = new Float64Array(points.length * t.size);
    for (const [i, { values }] of points.entries()) data.set(values.subarray(offset, offset + t.size), i * t.size);
    offset += t.size;
    return { ...t, from: data, to: data };
  });
  return { ...chosen, moving };
}

/** The rows of points of which one gave a value that is not finite. */
function withRows(error: unknown, points: readonly FreePoint[]): unknown {
  if (!(error instanceof PathwiseError) || error.code !== 'NON_FINITE') return error;
  const rows = [...new Set(points.map(({ path }) => path))];
  const { tensor } = error.place;
  const at = tensor === undefined ? '' : ` at tensor "${tensor}"`;
  return new PathwiseError(
    'NON_FINITE',
    `the target or its gradient is not finite${at} at a point that the method evaluates of path ${rows.join(' or ')}`,
    tensor === undefined ? {} : { tensor },
    { cause: error },
  );
}
