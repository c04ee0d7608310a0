import { isFloat, PathwiseError, toFloat64, type Feeds, type PathPoint } from '@pathwise/model';
import type { StraightPaths } from '../path.ts';

/** The error for a point where F or its gradient is not finite, naming the tensor nearest to the target at which it is so. */
export async function explainNonFinite(
  { model, objective }: StraightPaths,
  { path, alpha }: PathPoint,
  feeds: Feeds,
): Promise<PathwiseError> {
  const structure = model.structure(feeds);
  const tensors = structure.tensors.filter((name) => isFloat(structure.tensor(name)?.dtype ?? 'bool'));
  const rows = objective.rows.length === 1 ? objective.rows : [objective.rows[path]];
  let at = objective.tensor;
  let what = 'gradient';
  try {
    const { gradients } = await model.gradient({ feeds, objective: { tensor: objective.tensor, rows }, wrt: tensors });
    const bad = tensors.filter((name) => !toFloat64(gradients[name].data).every(Number.isFinite));
    at = bad.at(-1) ?? at;
    const values = await model.forward(feeds, tensors);
    const first = tensors.find((name) => !toFloat64(values[name].data).every(Number.isFinite));
    if (first !== undefined) [at, what] = [first, 'value'];
  } catch {
    // The place is only a hint; the error below stands without it.
  }
  return new PathwiseError(
    'NON_FINITE',
    `the ${what} at tensor "${at}" is not finite at alpha = ${alpha} of row ${path}. ` +
      'Use a rule without this node (midpoint, gauss-legendre), or another baseline',
    { alpha, tensor: at },
  );
}

/** A non-finite value that the engine found, with its place on the path. Other errors are left as they are. */
export function atPoint(error: unknown, points: readonly PathPoint[]): unknown {
  if (!(error instanceof PathwiseError) || error.code !== 'NON_FINITE') return error;
  const point = points[error.place.row ?? 0];
  if (point === undefined) return error;
  const { alpha, path } = point;
  return new PathwiseError(
    'NON_FINITE',
    `at alpha = ${alpha}: ${error.message}. A rule without this node (midpoint, gauss-legendre) avoids it`,
    { ...error.place, alpha, row: path },
    { cause: error },
  );
}
