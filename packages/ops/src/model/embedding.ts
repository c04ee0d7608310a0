import { isFloat } from '@pathwise/model';
import type { Graph, Node } from '@pathwise/graph';
import { typeOf } from '@pathwise/graph';

/** Ops that ids may pass through on their way to the lookup. */
const CARRIES_IDS = new Set(['Identity', 'Cast', 'Reshape', 'Flatten', 'Squeeze', 'Unsqueeze', 'Transpose']);

/**
 * The tensor that attributions of an input refer to: a float input itself; for integer ids the output of the lookup in
 * a constant float table (the embedding); null when there is none, or more than one.
 */
export function attributedTensor(graph: Graph, input: string): string | null {
  if (isFloat(typeOf(graph, input).dtype)) return input;
  const ids = new Set([input]);
  const lookups: string[] = [];
  for (const node of graph.nodes) {
    const [output] = node.outputs;
    if (output === undefined || output === '') continue;
    if (node.inputs.some((name) => ids.has(name)) && CARRIES_IDS.has(node.op) && !isFloat(typeOf(graph, output).dtype))
      ids.add(output);
    else if (isLookup(graph, node, ids)) lookups.push(output);
  }
  return lookups.length === 1 ? (lookups[0] ?? null) : null;
}

function isLookup(graph: Graph, node: Node, ids: ReadonlySet<string>): boolean {
  const [table, index] = node.inputs;
  if (node.op !== 'Gather' || table === undefined || index === undefined || !ids.has(index)) return false;
  return graph.constants.has(table) && isFloat(typeOf(graph, table).dtype);
}
