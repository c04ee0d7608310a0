import { PathwiseError, rowsOf, type Feeds, type RunOptions, type Tensor } from '@pathwise/model';
import { displacement, type StraightPaths } from '../path.ts';
import { feedsAt } from './points.ts';
import { integrateNodes, type PathNodes } from './fixed.ts';
import {
  dot,
  l1OfProduct,
  relativeError,
  type IntegrationOptions,
  type LateEnds,
  type PathIntegral,
} from './integral.ts';

/** Breakpoints on a path above which exact mode gives up. */
export const BREAKPOINT_LIMIT = 2000;
/** Rounding allowed to an exact result, relative. */
const ROUNDING = 1e-6;

/**
 * Exact for piecewise-linear functions: between neighbouring breakpoints the gradient is constant, so the integral is
 * the sum of length * gradient at the middle.
 *
 * @throws PathwiseError UNSUPPORTED_METHOD if the graph is not piecewise linear; LIMIT_EXCEEDED above 2000 breakpoints
 * @source Sotoudeh, Thakur 2019, Computing Linear Restrictions of Neural Networks, arXiv:1908.06214
 */
export async function integrateExactly(
  paths: StraightPaths,
  ends: LateEnds,
  options: IntegrationOptions,
): Promise<PathIntegral> {
  checkPiecewiseLinear(paths);
  const nodes: PathNodes[] = [];
  for (let path = 0; path < paths.count; path++) {
    nodes.push(middles(await breakpointsOf(paths, path, options)));
    options.onProgress?.({ phase: 'breakpoints', done: path + 1, total: paths.count });
  }
  const integral = await integrateNodes(paths, ends, (path) => nodes[path], options);
  const { from, to } = await ends(paths);
  const errors = integral.gradients.map((gradient, path) => {
    const delta = displacement(paths, path);
    const residual = Math.abs(dot(gradient, delta) - (to[path] - from[path]));
    return relativeError(residual, l1OfProduct(gradient, delta));
  });
  return { ...integral, errors, met: errors.map((error) => error <= ROUNDING), largestChange: errors.map(() => 0) };
}

/** The places in (0, 1) where a path crosses kinks, ascending, up to a limit. */
export async function breakpointsOf(
  paths: StraightPaths,
  path: number,
  options: RunOptions,
  limit: number = BREAKPOINT_LIMIT,
): Promise<Float64Array> {
  const request = {
    from: endOf(paths, path, 'from'),
    to: endOf(paths, path, 'to'),
    constants: Object.fromEntries(
      Object.entries(paths.fixed).map(([name, t]) => [name, t.shape[0] === 1 ? t : rowsOf(t, path, path + 1)]),
    ),
    target: paths.objective.tensor,
    limit,
  };
  const inside = await paths.model.breakpoints?.(request, options);
  if (inside === undefined) throw new PathwiseError('UNSUPPORTED_METHOD', 'exact: the model gives no breakpoints');
  return inside;
}

function checkPiecewiseLinear(paths: StraightPaths): void {
  const { model, objective, moving, count } = paths;
  if (count === 0) return;
  if (objective.rows.some(({ kind }) => kind === 'function')) {
    throw new PathwiseError(
      'UNSUPPORTED_METHOD',
      'exact: a target given as a function is not known to be piecewise linear',
    );
  }
  const { kind, blockers } = model.structure(feedsAt(paths, [{ path: 0, alpha: 1 }])).pathKind(
    moving.map(({ name }) => name),
    objective.tensor,
  );
  if (kind !== 'smooth' && kind !== 'mixed') return;
  const { node, op, reason } = blockers[0] ?? { node: objective.tensor, op: 'an op', reason: 'smooth' };
  throw new PathwiseError(
    'UNSUPPORTED_METHOD',
    `exact: node "${node}" (${op}) is not piecewise linear: ${reason}. Use a tolerance`,
    { node, op },
  );
}

function middles(inside: Float64Array): PathNodes {
  const bounds = [0, ...inside, 1];
  const alphas: number[] = [];
  const weights: number[] = [];
  for (let k = 1; k < bounds.length; k++) {
    if (bounds[k] <= bounds[k - 1]) continue;
    alphas.push((bounds[k - 1] + bounds[k]) / 2);
    weights.push(bounds[k] - bounds[k - 1]);
  }
  return { alphas: Float64Array.from(alphas), weights: Float64Array.from(weights), coarse: null };
}

function endOf({ moving }: StraightPaths, path: number, end: 'from' | 'to'): Feeds {
  return Object.fromEntries(
    moving.map((t): [string, Tensor] => [
      t.name,
      { dtype: 'float32', shape: [1, ...t.shape], data: t[end].slice(path * t.size, (path + 1) * t.size) },
    ]),
  );
}
