import { throwIfAborted, toFloat64, type Feeds, type GradientVector, type Tensor } from '@pathwise/model';
import type { PlayerMap } from '../coalitions/players.ts';
import { evaluatePoints, feedsAt, joinRow, tileSize, type EvaluationOptions } from '../evaluate/points.ts';
import { displacement, type StraightPaths } from '../path.ts';
import type { LogarithmicRule } from '../quadrature/gauss-logarithmic.ts';

/**
 * The matrix of each path where F has second derivatives: sum over nodes u of w (diag(D g) + u (D D^T) H), summed over the
 * elements of players; H D_p, for the displacement D_p of one player, gives a whole row.
 */
export async function smoothMatrices(
  paths: StraightPaths,
  players: PlayerMap,
  { nodes, weights }: LogarithmicRule,
  options: EvaluationOptions,
): Promise<Float64Array[]> {
  const { count } = players;
  const moves = Array.from({ length: paths.count }, (_, path) => displacement(paths, path));
  const matrices = moves.map(() => new Float64Array(count * count));
  const points = matrices.flatMap((_, path) => nodes.map((alpha) => ({ path, alpha })));
  await evaluatePoints(paths, points, options, (i, _, gradient) => {
    const { path } = points[i];
    for (const [element, player] of players.ofElement.entries()) {
      if (player < 0) continue;
      const own = moves[path][element] * gradient[element];
      matrices[path][player * (count + 1)] += weights[i % nodes.length] * own;
    }
  });
  const total = points.length * count;
  const tile = tileSize(paths, options.maxBytes);
  for (let start = 0; start < total; start += tile) {
    throwIfAborted(options.signal);
    const jobs = Array.from({ length: Math.min(tile, total - start) }, (_, k) => {
      const point = Math.floor((start + k) / count);
      return { ...points[point], point, player: (start + k) % count };
    });
    const found = await curvatureAt(paths, players, jobs, moves, options);
    for (const [k, { path, point, alpha, player }] of jobs.entries()) {
      const weight = weights[point % nodes.length] * alpha;
      for (const [element, other] of players.ofElement.entries()) {
        if (other < 0) continue;
        matrices[path][player * count + other] += weight * moves[path][element] * found[k][element];
      }
    }
    options.onProgress?.({ phase: 'second derivatives', done: start + jobs.length, total });
  }
  return matrices;
}

interface CurvatureJob {
  readonly path: number;
  readonly alpha: number;
  readonly player: number;
}

/** H D_p at points, all elements one after another. */
async function curvatureAt(
  paths: StraightPaths,
  players: PlayerMap,
  jobs: readonly CurvatureJob[],
  moves: readonly Float64Array[],
  options: EvaluationOptions,
): Promise<GradientVector[]> {
  const { objective, moving, model } = paths;
  const directions: Record<string, Tensor> = {};
  let offset = 0;
  for (const { name, shape, size } of moving) {
    const data = new Float64Array(jobs.length * size);
    for (const [k, { path, player }] of jobs.entries()) {
      for (let j = 0; j < size; j++) {
        if (players.ofElement[offset + j] === player) data[k * size + j] = moves[path][offset + j];
      }
    }
    directions[name] = { dtype: 'float32', shape: [jobs.length, ...shape], data };
    offset += size;
  }
  const rows = objective.rows.length === 1 ? objective.rows : jobs.map(({ path }) => objective.rows[path]);
  const request = { feeds: feedsAt(paths, jobs), objective: { tensor: objective.tensor, rows }, directions };
  const found = (await model.curvature?.(request, options)) as Feeds;
  const data = moving.map(({ name }) => toFloat64(found[name].data));
  const sizes = moving.map(({ size }) => size);
  return jobs.map((_, k) => joinRow(data, sizes, k));
}
