import { ops } from './op-set.ts';
import type { Graph, Node } from '@pathwise/graph';

/**
 * Replaces the nodes that `select` chooses (default: those without a gradient rule) by the simpler ops that their
 * `lower` rule emits, under the same output names. Nodes without such a rule stay.
 */
export function lowerGraph(graph: Graph, select: (node: Node) => boolean = hasNoGradientRule): Graph {
  if (!graph.nodes.some((node) => select(node) && ops.get(node.op)?.lower !== undefined)) return graph;
  const b = ops.builder();
  b.reserve(graph.types.keys());
  b.reserve(graph.nodes.map((node) => node.name));
  for (const name of graph.inputs) b.input(name, graph.types.get(name)!.shape, graph.types.get(name)!.dtype);
  for (const [name, value] of graph.constants) b.constant(value, name);
  for (const node of graph.nodes) {
    const op = ops.get(node.op);
    if (op?.lower === undefined || !select(node)) {
      b.append(node, graph);
      continue;
    }
    const results = op.lower(b, {
      name: node.name,
      inputs: node.inputs,
      outputs: node.outputs,
      attrs: node.attrs,
      needs: [],
    });
    for (const [i, output] of node.outputs.entries()) {
      if (output !== '') b.apply('Identity', [results[i] ?? null], {}, { name: output, outputs: [output] });
    }
  }
  return b.build(graph.outputs, graph.name);
}

function hasNoGradientRule(node: Node): boolean {
  const op = ops.get(node.op);
  return op?.vjp === undefined;
}
