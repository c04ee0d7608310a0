import { stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';

/** Starting a worker takes longer than it saves on models smaller than this. */
const SMALLEST_BYTES = 2 ** 20;

/** Each has a copy of the weights. */
const MOST_WORKERS = 4;

/** Threads for a model, where the user names no number: one a core for large files. */
export async function defaultWorkers(model: string): Promise<number> {
  const size = await stat(model).then(
    (found) => found.size,
    () => 0,
  );
  return size < SMALLEST_BYTES ? 1 : Math.min(availableParallelism(), MOST_WORKERS);
}
