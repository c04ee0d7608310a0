import { type Warning } from '@pathwise/model';
import { displacement, featureCount, type StraightPaths } from '../path.ts';
import { steer, type Steering } from './affine-prefix.ts';
import { BisectionTree } from './bisection-tree.ts';
import { integrateDoubling } from './doubling.ts';
import {
  dot,
  l1OfProduct,
  relativeError,
  type Integration,
  type IntegrationOptions,
  type PathEnds,
  type PathIntegral,
} from './integral.ts';
import { integrateNested } from './nested.ts';
import { evaluatePoints, feedsAt } from './points.ts';
import { selectEnds, selectPaths } from './select-paths.ts';

type Adaptive = Integration & { kind: 'adaptive' };

/** Below this tolerance smooth functions go to nested Clenshaw-Curtis. */
const SPECTRAL_TOLERANCE = 1e-3;
/** Gradients that must fit the budget for the tree; with fewer, panels are doubled uniformly. */
const FEWEST_KEPT = 65;

/**
 * Integrates to a stated relative L1 error per row: composite trapezoid on a bisection tree, refined where
 * neighbouring gradients differ most. Smooth functions below 1e-3 use nested Clenshaw-Curtis; a byte budget too small
 * to keep the gradients, uniform doubling.
 */
export async function integrateAdaptive(
  paths: StraightPaths,
  ends: PathEnds,
  adaptive: Adaptive,
  options: IntegrationOptions,
): Promise<PathIntegral> {
  if (paths.count === 0) return { gradients: [], errors: [], met: [], largestChange: [], warnings: [] };
  if (adaptive.tolerance < SPECTRAL_TOLERANCE && options.standardErrors !== true && isSmooth(paths)) {
    return integrateNested(paths, ends, adaptive, options);
  }
  const steering =
    options.standardErrors === true
      ? { paths, pull: (vectors: readonly Float64Array[]) => Promise.resolve(vectors) }
      : await steer(paths, options, true);
  const kept = Math.floor(options.maxBytes / 2 / (8 * featureCount(steering.paths)));
  if (kept < Math.min(FEWEST_KEPT, adaptive.maxEvaluations)) {
    return integrateDoubling(paths, ends, adaptive, options);
  }
  const capped = { ...adaptive, maxEvaluations: Math.min(adaptive.maxEvaluations, kept) };
  const together = Math.max(1, Math.floor(kept / capped.maxEvaluations));
  const results: RowResult[] = [];
  for (let start = 0; start < paths.count; start += together) {
    const group = Array.from({ length: Math.min(together, paths.count - start) }, (_, i) => start + i);
    results.push(...(await refine(paths, ends, steering, group, capped, options)));
  }
  const unmet = results.flatMap(({ met }, path) => (met ? [] : [path]));
  if (capped.maxEvaluations === adaptive.maxEvaluations || unmet.length === 0) return collect(results, options, []);
  const doubled = await integrateDoubling(selectPaths(paths, unmet), selectEnds(ends, unmet), adaptive, options);
  for (const [i, path] of unmet.entries()) {
    const error = doubled.errors?.[i] ?? Infinity;
    if (error > results[path].error) continue;
    const [gradient, met, largestChange] = [doubled.gradients[i], doubled.met?.[i] === true, doubled.largestChange[i]];
    results[path] = { ...results[path], gradient, error, met, largestChange };
  }
  return collect(results, options, doubled.warnings);
}

interface RowResult {
  readonly gradient: Float64Array;
  readonly error: number;
  readonly met: boolean;
  readonly largestChange: number;
  readonly standardErrors: Float64Array | null;
}

/** Rows of a group share tiles; each has its own tree and stops alone. */
async function refine(
  paths: StraightPaths,
  ends: PathEnds,
  { paths: inner, pull }: Steering,
  group: readonly number[],
  { tolerance, maxEvaluations }: Adaptive,
  options: IntegrationOptions,
): Promise<RowResult[]> {
  const trees = new Map(group.map((path) => [path, new BisectionTree(displacement(inner, path))]));
  const results = new Map<number, RowResult>();
  let pending = group.flatMap((path) => (trees.get(path) as BisectionTree).start().map((node) => ({ path, node })));
  let done = 0;
  while (pending.length > 0) {
    const points = pending.map(({ path, node }) => ({ path, alpha: BisectionTree.alpha(node) }));
    const nodes = pending;
    let forecast = done + nodes.length;
    await evaluatePoints(inner, points, options, (i, output, gradient) => {
      trees.get(nodes[i].path)?.add(nodes[i].node, output, gradient);
      options.onProgress?.({ phase: 'path', done: ++done, total: forecast });
    });
    const open = group.filter((path) => !results.has(path));
    const sums = open.map((path) => (trees.get(path) as BisectionTree).sums());
    const means = await pull(
      sums.map(({ fine }) => fine),
      open,
    );
    const differences = await pull(
      sums.map(({ difference }) => difference),
      open,
    );
    pending = [];
    const errors: number[] = [];
    let worst = 0;
    for (const [i, path] of open.entries()) {
      const tree = trees.get(path) as BisectionTree;
      const delta = displacement(paths, path);
      const size = l1OfProduct(means[i], delta);
      const residual = Math.abs(dot(means[i], delta) - (ends.to[path] - ends.from[path]));
      const error = Math.max(l1OfProduct(differences[i], delta), sums[i].residuals, residual);
      errors.push(relativeError(error, size));
      const met = error <= tolerance * size;
      const next = met ? [] : tree.refine(maxEvaluations, (tree.count * error) / (tolerance * size));
      if (next.length === 0) {
        results.set(path, {
          gradient: means[i],
          error: relativeError(error, size),
          met,
          largestChange: tree.largestChange(),
          standardErrors: options.standardErrors === true ? tree.standardErrors() : null,
        });
        trees.delete(path);
      } else {
        for (const node of next) pending.push({ path, node });
        worst = Math.max(worst, relativeError(error, size));
        forecast += Math.max(
          next.length,
          Math.min(maxEvaluations, (tree.count * error) / (tolerance * size)) - tree.count,
        );
      }
    }
    options.onProgress?.({ phase: 'path', done, total: Math.max(done, Math.round(forecast)), error: worst });
    if (pending.length > 0 && group.length === paths.count) {
      options.onRound?.(roundOf(group, results, open, means, errors));
    }
  }
  return group.map((path) => results.get(path) as RowResult);
}

/** What is known between two rounds: finished rows, and the means so far of the open ones. */
function roundOf(
  group: readonly number[],
  finished: ReadonlyMap<number, RowResult>,
  open: readonly number[],
  means: readonly Float64Array[],
  errors: readonly number[],
): PathIntegral {
  const at = (path: number): number => open.indexOf(path);
  return {
    gradients: group.map((path) => finished.get(path)?.gradient ?? means[at(path)]),
    errors: group.map((path) => finished.get(path)?.error ?? errors[at(path)]),
    met: group.map((path) => finished.get(path)?.met === true),
    largestChange: group.map(() => 0),
    warnings: [],
  };
}

function collect(
  results: readonly RowResult[],
  options: IntegrationOptions,
  warnings: readonly Warning[],
): PathIntegral {
  return {
    gradients: results.map(({ gradient }) => gradient),
    errors: results.map(({ error }) => error),
    met: results.map(({ met }) => met),
    largestChange: results.map(({ largestChange }) => largestChange),
    ...(options.standardErrors === true
      ? { standardErrors: results.map(({ standardErrors }) => standardErrors as Float64Array) }
      : {}),
    warnings,
  };
}

function isSmooth(paths: StraightPaths): boolean {
  const { objective, model, moving } = paths;
  const structure = model.structure(feedsAt(paths, [{ path: 0, alpha: 1 }]));
  const { kind } = structure.pathKind(
    moving.map(({ name }) => name),
    objective.tensor,
  );
  return kind === 'smooth';
}
