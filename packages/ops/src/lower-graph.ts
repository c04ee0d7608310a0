import type { Graph, Node } from '@pathwise/graph';
import { ops } from './op-set.ts';
import { rewriteNodes } from './rewrite-nodes.ts';

/**
 * Replaces the nodes that `select` chooses (default: those without a gradient rule) by the simpler ops that their
 * `lower` rule emits, under the same output names. Nodes without such a rule stay.
 */
export function lowerGraph(graph: Graph, select: (node: Node) => boolean = hasNoGradientRule): Graph {
  if (!graph.nodes.some((node) => select(node) && ops.get(node.op)?.lower !== undefined)) return graph;
  return rewriteNodes(graph, (b, node) => {
    const lower = select(node) ? ops.get(node.op)?.lower : undefined;
    return lower?.(b, { ...node, needs: [] }) ?? null;
  });
}

function hasNoGradientRule(node: Node): boolean {
  const op = ops.get(node.op);
  return op?.vjp === undefined;
}
