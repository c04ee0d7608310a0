import type { PathJob, PathSums } from '@pathwise/model';
import type { Work, WorkerPool } from '../workers/pool.ts';
import { blockTiles, Ordered, plainTiles } from './blocks.ts';
import { atPoint, visitAll } from './in-order.ts';
import { taskOf, type EndsOf } from './task-of.ts';

/**
 * Runs a path job in workers. They get whole blocks of eight points of a path, whose sums are added here in order: the
 * same bits as in one thread, whoever is first.
 * @throws PathwiseError NON_FINITE with the index of the point as `place.row`; CANCELLED; INTERNAL if a worker ends
 */
export async function integrateInWorkers(
  { points, weights, visit, meanwhile }: PathJob,
  pool: WorkerPool,
  endsOf: EndsOf,
  signal: AbortSignal | undefined,
): Promise<PathSums> {
  const tiles = weights === null ? plainTiles(points) : blockTiles(points);
  const sums = new Map<number, readonly Float64Array[]>();
  const reductions = new Map<number, Ordered<readonly Float64Array[]>>();
  const inOrder = new Ordered<() => void>((hand) => hand());
  const reductionOf = (path: number): Ordered<readonly Float64Array[]> => {
    const known = reductions.get(path) ?? new Ordered((block) => addTo(sums, path, block));
    reductions.set(path, known);
    return known;
  };
  const work: Work = {
    count: tiles.length,
    taskOf: (tile, slots) => {
      const paths = tiles[tile].blocks.map(({ path }) => path);
      return taskOf({ points, weights }, tiles[tile].indices, slots, endsOf, { starting: paths, finishing: paths });
    },
    done: (tile, result) => {
      const { indices, blocks } = tiles[tile];
      inOrder.put(tile, () => visitAll(result, indices, visit));
      for (const [k, { path, order }] of blocks.entries()) reductionOf(path).put(order, result.sums[k]);
    },
    place: (tile, error) => atPoint(error, tiles[tile].indices),
    meanwhile,
  };
  await pool.run(work, signal);
  return sums;
}

function addTo(sums: Map<number, readonly Float64Array[]>, path: number, block: readonly Float64Array[]): void {
  const totals = sums.get(path);
  if (totals === undefined) sums.set(path, block);
  else for (const [list, total] of totals.entries()) for (let i = 0; i < total.length; i++) total[i] += block[list][i];
}
