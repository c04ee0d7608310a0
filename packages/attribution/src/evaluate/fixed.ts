import type { Nodes } from '../quadrature/nodes.ts';
import { coarserWeights, quadrature } from '../quadrature/rules.ts';
import { displacement, featureCount, type StraightPaths } from '../path.ts';
import { steer } from './affine-prefix.ts';
import { BlockSum } from './block-sum.ts';
import {
  dot,
  l1OfProduct,
  relativeError,
  type Integration,
  type IntegrationOptions,
  type PathEnds,
  type PathIntegral,
} from './integral.ts';
import { evaluatePoints } from './points.ts';

/** Nodes of one path; `coarse` are the weights of a coarser rule on the same nodes. */
export interface PathNodes extends Nodes {
  readonly coarse: Float64Array | null;
}

/** From so many nodes on, a change of F within one gap says something about the function and not about the rule. */
const ENOUGH_NODES = 4;

/** A rule with nodes known beforehand: constant memory, whatever their number. */
export async function integrateFixed(
  paths: StraightPaths,
  ends: PathEnds,
  { rule, steps }: Integration & { kind: 'fixed' },
  options: IntegrationOptions,
): Promise<PathIntegral> {
  const nodes = { ...quadrature(rule, steps), coarse: coarserWeights(rule, steps) };
  return integrateNodes(paths, ends, () => nodes, options);
}

/** Sums gradients over given nodes of every path. */
export async function integrateNodes(
  paths: StraightPaths,
  ends: PathEnds,
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
    const fine = group.map(() => new BlockSum(size));
    const coarse = group.map((path) => (nodesOf(path).coarse === null ? null : new BlockSum(size)));
    const outputs = group.map(() => [] as number[]);
    await evaluatePoints(inner, points, options, (i, output, gradient) => {
      const { path, k } = points[i];
      const nodes = nodesOf(path);
      fine[path - start].add(nodes.weights[k], gradient);
      if (nodes.coarse !== null) coarse[path - start]?.add(nodes.coarse[k], gradient);
      outputs[path - start].push(output);
      options.onProgress?.({ phase: 'path', done: ++done, total });
    });
    const means = await pull(
      fine.map((sum) => sum.total()),
      group,
    );
    const coarser = coarse.some((sum) => sum === null)
      ? null
      : await pull(
          coarse.map((sum) => (sum as BlockSum).total()),
          group,
        );
    for (const [i, path] of group.entries()) {
      gradients.push(means[i]);
      largestChange.push(largestGap(ends.from[path], outputs[i], ends.to[path]));
      if (coarser !== null) {
        const delta = displacement(paths, path);
        const difference = l1OfProduct(
          means[i].map((g, j) => g - coarser[i][j]),
          delta,
        );
        const residual = Math.abs(dot(means[i], delta) - (ends.to[path] - ends.from[path]));
        errors.push(relativeError(Math.max(difference, residual), l1OfProduct(means[i], delta)));
      }
    }
  }
  return { gradients, errors: errors.length === paths.count ? errors : null, met: null, largestChange, warnings: [] };
}

function largestGap(first: number, outputs: readonly number[], last: number): number {
  if (outputs.length < ENOUGH_NODES) return 0;
  let largest = 0;
  let previous = first;
  for (const output of [...outputs, last]) {
    largest = Math.max(largest, Math.abs(output - previous));
    previous = output;
  }
  return largest;
}
