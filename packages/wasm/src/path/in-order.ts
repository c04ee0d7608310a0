import { PathwiseError, type PathJob, type PathSums } from '@pathwise/model';
import { LANES } from '../compile/plan-file.ts';
import type { Job } from './job.ts';
import type { Slots } from './slots.ts';
import { taskOf, type EndsOf } from './task-of.ts';
import type { TaskResult } from './task.ts';

/**
 * Runs a path job in this thread, tile by tile in the order of its points; `pause` comes before each tile.
 * @throws PathwiseError NON_FINITE with the index of the point as `place.row`
 */
export async function integrateInOrder(
  { points, weights, visit, meanwhile }: PathJob,
  job: Job,
  slots: Slots,
  endsOf: EndsOf,
  pause: () => Promise<void>,
): Promise<PathSums> {
  const sums = new Map<number, readonly Float64Array[]>();
  const begun = new Set<number>();
  await meanwhile?.();
  for (let start = 0; start < points.length; start += LANES) {
    await pause();
    const here = Array.from({ length: Math.min(LANES, points.length - start) }, (_, i) => start + i);
    const paths = weights === null ? [] : [...new Set(here.map((i) => points[i].path))];
    const again = paths.find((path) => sums.has(path));
    if (again !== undefined) throw scattered(again);
    const starting = paths.filter((path) => !begun.has(path));
    const finishing = paths.filter((path) => points[start + here.length]?.path !== path);
    const result = runTask(job, here, taskOf({ points, weights }, here, slots, endsOf, { starting, finishing }));
    visitAll(result, here, visit);
    for (const path of starting) begun.add(path);
    for (const [k, path] of finishing.entries()) sums.set(path, result.sums[k]);
  }
  return sums;
}

function runTask(job: Job, indices: readonly number[], task: Parameters<Job['run']>[0]): TaskResult {
  try {
    return job.run(task);
  } catch (error) {
    throw atPoint(error, indices);
  }
}

/** Hands on what a task gave. */
export function visitAll({ values, vectors }: TaskResult, indices: readonly number[], visit: PathJob['visit']): void {
  const size = vectors.length / indices.length;
  for (const [k, i] of indices.entries()) {
    visit(i, values[k], size === 0 ? null : vectors.subarray(k * size, (k + 1) * size));
  }
}

/** Numbers the point that an error names as the whole job does. */
export function atPoint(error: unknown, indices: readonly number[]): unknown {
  if (!(error instanceof PathwiseError) || error.code !== 'NON_FINITE' || error.place.row === undefined) return error;
  return new PathwiseError(error.code, error.message, { row: indices[error.place.row] }, { cause: error });
}

/** The sums of a path cannot be told apart from those of another. */
export function scattered(path: number): PathwiseError {
  return new PathwiseError('BAD_ARGUMENT', `wasm engine: the points of path ${path} do not follow each other`);
}
