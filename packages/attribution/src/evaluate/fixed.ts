import type { Nodes } from '../quadrature/nodes.ts';
import { coarserWeights, quadrature } from '../quadrature/rules.ts';
import { displacement, featureCount, type StraightPaths } from '../path.ts';
import { steer } from './affine-prefix.ts';
import {
  dot,
  l1OfProduct,
  relativeError,
  type Integration,
  type IntegrationOptions,
  type LateEnds,
  type PathIntegral,
} from './integral.ts';
import { sumPoints } from './sum-points.ts';

/** Nodes of one path; `coarse` are the weights of a coarser rule on the same nodes. */
export interface PathNodes extends Nodes {
  readonly coarse: Float64Array | null;
}

/** From so many nodes on, a change of F within one gap says something about the function and not about the rule. */
const ENOUGH_NODES = 4;

/** A rule with nodes known beforehand: constant memory, whatever their number. */
export async function integrateFixed(
  paths: StraightPaths,
  ends: LateEnds,
  { rule, steps }: Integration & { kind: 'fixed' },
  options: IntegrationOptions,
): Promise<PathIntegral> {
  const nodes = { ...quadrature(rule, steps), coarse: coarserWeights(rule, steps) };
  return integrateNodes(paths, ends, () => nodes, options);
}

/** Sums gradients over given nodes of every path. */
export async function integrateNodes(
  paths: StraightPaths,
  ends: LateEnds,
  nodesOf: (path: number) => PathNodes,
  options: IntegrationOptions,
): Promise<PathIntegral> {
  const gradients: Float64Array[] = [];
  const errors: number[] = [];
  const largestChange: number[] = [];
  const all = Array.from({ length: paths.count }, (_, path) => path);
  const total = all.reduce((sum, path) => sum + nodesOf(path).alphas.length, 0);
  const { paths: inner, pull } = await steer(paths, options, false);
  const size = featureCount(inner);
  const together = Math.max(1, Math.floor(options.maxBytes / 4 / (size * 32)));
  let done = 0;
  for (let start = 0; start < paths.count; start += together) {
    const group = all.slice(start, start + together);
    const points = group.flatMap((path) => Array.from(nodesOf(path).alphas, (alpha, k) => ({ path, alpha, k })));
    const estimates = group.every((path) => nodesOf(path).coarse !== null);
    const lists = [Float64Array.from(points, ({ path, k }) => nodesOf(path).weights[k])];
    if (estimates) lists.push(Float64Array.from(points, ({ path, k }) => nodesOf(path).coarse?.[k] as number));
    const outputs = group.map((path) => new Float64Array(nodesOf(path).alphas.length));
    const visit = (i: number, output: number): void => {
      const { path, k } = points[i];
      outputs[path - start][k] = output;
      options.onProgress?.({ phase: 'path', done: ++done, total });
    };
    const sums = await sumPoints(inner, points, lists, options, visit, async () => void (await ends(inner)));
    const { from, to } = await ends(inner);
    const sumsOf = (list: number): Float64Array[] =>
      group.map((path) => sums.get(path)?.[list] ?? new Float64Array(size));
    const means = await pull(sumsOf(0), group);
    const coarser = estimates ? await pull(sumsOf(1), group) : null;
    for (const [i, path] of group.entries()) {
      gradients.push(means[i]);
      largestChange.push(largestGap(from[path], outputs[i], to[path]));
      if (coarser !== null) {
        const delta = displacement(paths, path);
        const difference = l1OfProduct(
          means[i].map((g, j) => g - coarser[i][j]),
          delta,
        );
        const residual = Math.abs(dot(means[i], delta) - (to[path] - from[path]));
        errors.push(relativeError(Math.max(difference, residual), l1OfProduct(means[i], delta)));
      }
    }
  }
  return { gradients, errors: errors.length === paths.count ? errors : null, met: null, largestChange, warnings: [] };
}

function largestGap(first: number, outputs: Float64Array, last: number): number {
  if (outputs.length < ENOUGH_NODES) return 0;
  let largest = 0;
  let previous = first;
  for (const output of [...outputs, last]) {
    largest = Math.max(largest, Math.abs(output - previous));
    previous = output;
  }
  return largest;
}
