import { argumentError, PathwiseError, type Objective } from '@pathwise/model';
import type { Context } from '../context.ts';
import { inputPaths, type InputPaths } from '../input-paths.ts';

/**
 * Paths from every baseline of the request, which random methods draw with equal chance.
 * @throws PathwiseError BAD_ARGUMENT without a baseline, or for one whose weights differ
 */
export async function baselineSetPaths(context: Context, objective: Objective): Promise<InputPaths> {
  const { method, request } = context;
  if (request.baseline === undefined) {
    const expected = 'a set of baselines (set:FILE on the command line), uniform:N or gaussian:N';
    throw argumentError(method, 'baseline', expected, 'nothing');
  }
  const path = await inputPaths(context, objective);
  const { weights } = path.baselines;
  if (weights.some((weight) => Math.abs(weight - weights[0]) > 1e-9)) {
    throw argumentError(method, 'weights of the baselines', 'equal ones (draws are uniform)', [...weights]);
  }
  return path;
}

/**
 * Paths from one baseline a row.
 * @throws PathwiseError BAD_ARGUMENT for a set of baselines
 */
export async function oneBaselinePaths(context: Context, objective: Objective): Promise<InputPaths> {
  const path = await inputPaths(context, objective);
  if (path.baselines.count === 1) return path;
  const message = `${context.method} takes one baseline, not a set of ${path.baselines.count}`;
  throw new PathwiseError('BAD_ARGUMENT', message);
}
