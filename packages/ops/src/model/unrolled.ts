import type { Graph } from '@pathwise/graph';
import { lowerGraph } from '../lower-graph.ts';
import { ops } from '../op-set.ts';

const known = new WeakMap<Graph, Graph>();

/**
 * The graph with its recurrent layers written out step by step: there the products with a layer's inputs, which are
 * affine, are tensors of their own. All tensors of the graph keep their names.
 */
export function unrolled(graph: Graph): Graph {
  const found = known.get(graph) ?? lowerGraph(graph, ({ op }) => ops.get(op)?.relevance === 'recurrent');
  known.set(graph, found);
  return found;
}

/** The graph, unless it lacks one of the tensors: then the unrolled one. */
export function graphWith(graph: Graph, tensors: readonly string[]): Graph {
  return tensors.every((name) => graph.types.has(name)) ? graph : unrolled(graph);
}
