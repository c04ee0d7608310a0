import type { Graph } from '@pathwise/graph';
import { ops } from '@pathwise/ops';
import { batchRules } from './batch-rules.ts';

/**
 * The graph for so many rows at once: every input and whatever depends on one gets an axis of rows in front, constants
 * stay single. Null where a node has no rule for it.
 */
export function batched(graph: Graph, rows: number): Graph | null {
  const b = ops.builder();
  b.reserve(graph.types.keys());
  b.reserve(graph.nodes.map(({ name }) => name));
  const moving = new Set(graph.inputs);
  const shapeOf = (name: string): readonly number[] => graph.types.get(name)?.shape ?? [];
  for (const name of graph.inputs) b.input(name, [rows, ...shapeOf(name)], graph.types.get(name)!.dtype);
  for (const [name, value] of graph.constants) b.constant(value, name);
  for (const node of graph.nodes) {
    if (!node.inputs.some((input) => moving.has(input))) {
      b.append(node, graph);
      continue;
    }
    const operands = node.inputs.map((ref) =>
      ref === '' ? null : { ref, shape: shapeOf(ref), moves: moving.has(ref) },
    );
    const results = batchRules[node.op]?.({ b, node, rows, operands, shapes: node.outputs.map(shapeOf) }) ?? null;
    if (results === null) return null;
    for (const [i, output] of node.outputs.entries()) {
      if (output === '') continue;
      b.apply('Identity', [results[i] as string], {}, { name: output, outputs: [output] });
      moving.add(output);
    }
  }
  // Outputs that no input reaches would have no rows.
  return graph.outputs.every((name) => moving.has(name)) ? b.build(graph.outputs, graph.name) : null;
}
