import { PathwiseError } from '@pathwise/model';
import type { PlayerMap } from '../coalitions/players.ts';
import { breakpointsOf } from '../evaluate/exact.ts';
import { evaluatePoints, type EvaluationOptions } from '../evaluate/points.ts';
import { displacement, type StraightPaths } from '../path.ts';
import { antiderivative } from './logarithm.ts';

/** A jump of the slope along the path below this share of its parts is rounding. */
const ROUNDING = 1e-9;

/**
 * The matrix of each path where F is piecewise linear: second derivatives are jumps J of the gradient at breakpoints u, each
 * giving u (-ln u) (D J) (D J)^T / (J D), and gradients g between them give diag(D g) (P(u') - P(u)), P(u) = u - u ln u. The
 * limit of softplus for ReLU. Kinks of several units at one place count as one.
 *
 * @returns null where a path has more kinks than `limit`
 */
export async function kinkedMatrices(
  paths: StraightPaths,
  players: PlayerMap,
  options: EvaluationOptions,
  limit: number,
): Promise<Float64Array[] | null> {
  const matrices: Float64Array[] = [];
  for (let path = 0; path < paths.count; path++) {
    const inside = await breakpointsOf(paths, path, options, limit).catch((error: unknown) => {
      if (error instanceof PathwiseError && error.code === 'LIMIT_EXCEEDED') return null;
      throw error;
    });
    if (inside === null) return null;
    const bounds = [0, ...inside.filter((u) => u > 0 && u < 1), 1].filter((u, k, all) => k === 0 || u > all[k - 1]);
    const points = bounds.slice(1).map((u, k) => ({ path, alpha: (u + bounds[k]) / 2 }));
    const move = displacement(paths, path);
    const gradients: Float64Array[] = [];
    await evaluatePoints(paths, points, options, (i, _, gradient) => {
      gradients[i] = byPlayer(players, gradient, move);
    });
    matrices.push(matrixOf(bounds, gradients, players.count));
    options.onProgress?.({ phase: 'breakpoints', done: path + 1, total: paths.count });
  }
  return matrices;
}

/** From the change of F per step along the path that is due to each player, between the bounds. */
function matrixOf(bounds: readonly number[], slopes: readonly Float64Array[], count: number): Float64Array {
  const matrix = new Float64Array(count * count);
  for (const [m, slope] of slopes.entries()) {
    const share = antiderivative(bounds[m + 1]) - antiderivative(bounds[m]);
    for (let i = 0; i < count; i++) matrix[i * (count + 1)] += slope[i] * share;
    if (m === 0) continue;
    const u = bounds[m];
    const jump = slope.map((value, i) => value - slopes[m - 1][i]);
    const [total, parts] = jump.reduce(([sum, size], v) => [sum + v, size + Math.abs(v)], [0, 0]);
    if (Math.abs(total) <= ROUNDING * parts) continue;
    const factor = (u * -Math.log(u)) / total;
    for (let i = 0; i < count; i++) for (let j = 0; j < count; j++) matrix[i * count + j] += factor * jump[i] * jump[j];
  }
  return matrix;
}

function byPlayer(players: PlayerMap, gradient: ArrayLike<number>, move: Float64Array): Float64Array {
  const sums = new Float64Array(players.count);
  for (const [element, player] of players.ofElement.entries())
    if (player >= 0) sums[player] += gradient[element] * move[element];
  return sums;
}
