import { argumentError, type Objective } from '@pathwise/model';
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
