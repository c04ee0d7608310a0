import type { Graph, Node } from '@pathwise/graph';
import type { OpBuilder } from './builder.ts';
import { ops } from './op-set.ts';

/** Emits other nodes in place of a node and returns the tensors that replace its outputs; null leaves it as it is. */
export type NodeRewrite = (b: OpBuilder, node: Node) => readonly string[] | null;

/** Rewrites nodes one by one. Whatever is put in place of a node, its outputs keep their names. */
export function rewriteNodes(graph: Graph, rewrite: NodeRewrite): Graph {
  const b = ops.builder();
  b.reserve(graph.types.keys());
  b.reserve(graph.nodes.map((node) => node.name));
  for (const name of graph.inputs) b.input(name, graph.types.get(name)!.shape, graph.types.get(name)!.dtype);
  for (const [name, value] of graph.constants) b.constant(value, name);
  for (const node of graph.nodes) {
    const results = rewrite(b, node);
    if (results === null) {
      b.append(node, graph);
      continue;
    }
    for (const [i, output] of node.outputs.entries()) {
      if (output !== '') b.apply('Identity', [results[i] ?? null], {}, { name: output, outputs: [output] });
    }
  }
  return b.build(graph.outputs, graph.name);
}
