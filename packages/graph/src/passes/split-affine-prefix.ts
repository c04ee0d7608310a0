import { affineFrontier } from '../analysis/linearity.ts';
import type { Graph } from '../graph.ts';
import type { OpSet } from '../op.ts';
import { subgraph } from '../subgraph.ts';

/** A graph in two parts: what is affine in the moving inputs, and the rest. */
export interface AffineSplit {
  /** Computes the tensors of `frontier` from the graph's inputs: affine in the moving ones. */
  readonly prefix: Graph;
  /** Computes `target` from the tensors of `frontier` and the inputs that do not move. */
  readonly head: Graph;
  /** Where the affine part ends; the moving inputs themselves where nothing before it is affine. */
  readonly frontier: readonly string[];
}

/**
 * Splits a graph where the part that is affine in the inputs `moving` ends. On a straight path of these inputs the
 * frontier moves on a straight line too, so the prefix need only be evaluated at the two ends. A target that is affine
 * as a whole is its own frontier.
 */
export function splitAffinePrefix(
  graph: Graph,
  { moving, target, ops }: { readonly moving: readonly string[]; readonly target: string; readonly ops: OpSet },
): AffineSplit {
  const found = affineFrontier(graph, moving, target, ops);
  const frontier = found.length === 0 ? [target] : found;
  const still = graph.inputs.filter((name) => !moving.includes(name));
  return {
    prefix: subgraph(graph, graph.inputs, frontier),
    head: subgraph(graph, [...frontier, ...still], [target]),
    frontier,
  };
}
