import type { PlayerMap } from '../coalitions/players.ts';
import { evaluateFree, type FreePoint } from '../evaluate/free-points.ts';
import { l1, relativeError } from '../evaluate/integral.ts';
import type { EvaluationOptions } from '../evaluate/points.ts';
import { displacement, pathEnd, pointOnPath, type StraightPaths } from '../path.ts';
import { antiderivative } from './logarithm.ts';

/** How far a player is moved off the path at one sample, as a share of the way between baseline and input. */
const STEP = 1 / 4;

/** The matrix of a path from differences of gradients, and how far off it may be. */
export interface DifferencedMatrix {
  readonly matrix: Float64Array;
  /**
   * Relative to the L1 norm of the matrix, or of the integrated gradients: the larger of the difference between the matrices of
   * even and odd points, whose steps differ, and of what the rows miss of the integrated gradients at the same points.
   */
  readonly error: number;
}

/**
 * The matrix of each path from gradients beside it: at the middles u of `samples` equal parts of the path, row p is the mean of
 * u (-ln u) D (g(x' + u D + h D_p) - g(x' + u D)) / h, D_p being the displacement of one player. h falls with the cube
 * root of the samples, which balances the two errors, is half as large at odd points, and has either sign in turn; to the diagonal comes the integral of (-ln u) D g. A kink of slope J crosses D_p within h of the path on a part of the
 * path that is h (J D_p) / (J D) long, so that the mean tends to the term of each kink, however many units have theirs at one place;
 * where F is smooth it tends to the second derivative.
 *
 * @source the terms of kinks and the single integral: see `kinkedMatrices`; the differences are ours
 */
export async function differencedMatrices(
  paths: StraightPaths,
  players: PlayerMap,
  samples: number,
  options: EvaluationOptions,
): Promise<DifferencedMatrix[]> {
  const { count, ofElement } = players;
  const found: DifferencedMatrix[] = [];
  for (let path = 0; path < paths.count; path++) {
    const move = displacement(paths, path);
    const [from, to] = [pathEnd(paths, path, 'from'), pathEnd(paths, path, 'to')];
    const halves = [0, 1].map(() => new Float64Array(count * count));
    const integrated = new Float64Array(count);
    const pointAt = (index: number): FreePoint => {
      const [k, player] = [Math.floor(index / (count + 1)), (index % (count + 1)) - 1];
      const u = (k + 0.5) / samples;
      const values = from.map((value, i) => {
        const moved = player >= 0 && ofElement[i] === player ? stepOf(k, samples) * move[i] : 0;
        return pointOnPath(value, to[i], u) + moved;
      });
      return { path, values };
    };
    let base = new Float64Array(count);
    await evaluateFree(paths, samples * (count + 1), pointAt, options, (index, _, gradient) => {
      const [k, player] = [Math.floor(index / (count + 1)), (index % (count + 1)) - 1];
      const slopes = new Float64Array(count);
      for (const [i, own] of ofElement.entries()) if (own >= 0) slopes[own] += gradient[i] * move[i];
      if (player < 0) {
        base = slopes;
        const share = antiderivative((k + 1) / samples) - antiderivative(k / samples);
        for (let i = 0; i < count; i++) {
          integrated[i] += slopes[i] / samples;
          for (const either of halves) either[i * (count + 1)] += share * slopes[i];
        }
        return;
      }
      const u = (k + 0.5) / samples;
      const half = halves[k % 2];
      // Each half has twice its part.
      const weight = (2 * u * -Math.log(u)) / (samples * stepOf(k, samples));
      for (let j = 0; j < count; j++) half[player * count + j] += weight * (slopes[j] - base[j]);
      options.onProgress?.({ phase: 'second derivatives', done: index + 1, total: samples * (count + 1) });
    });
    found.push(joined(halves, integrated));
  }
  return found;
}

/** Both signs among even points and among odd ones. */
function stepOf(point: number, samples: number): number {
  const size = (STEP / Math.cbrt(samples)) * (point % 2 === 0 ? 1 : 0.5);
  return Math.floor(point / 2) % 2 === 0 ? size : -size;
}

function joined([even, odd]: readonly Float64Array[], integrated: Float64Array): DifferencedMatrix {
  const count = integrated.length;
  const symmetric = (m: Float64Array, k: number): number => (m[k] + m[(k % count) * count + Math.floor(k / count)]) / 2;
  const matrix = even.map((_, k) => (symmetric(even, k) + symmetric(odd, k)) / 2);
  const spread = even.map((_, k) => symmetric(even, k) - symmetric(odd, k));
  const missing = integrated.map((value, i) => {
    const row = matrix.subarray(i * count, (i + 1) * count);
    return value - row.reduce((sum, v) => sum + v, 0);
  });
  return { matrix, error: Math.max(share(spread, matrix), share(missing, integrated)) };
}

function share(part: Float64Array, whole: Float64Array): number {
  return relativeError(l1(part), l1(whole));
}
