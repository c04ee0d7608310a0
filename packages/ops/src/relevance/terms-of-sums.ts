import { consumers, type Graph, type Node } from '@pathwise/graph';
import { ops } from '../op-set.ts';

/**
 * Nodes of `among` whose results are used as terms of sums of `among` only. In a recurrent layer W x + R h + b is one sum:
 * its stabilizer is applied once, where the terms meet.
 */
export function termsOfSums(graph: Graph, among: ReadonlySet<string>): ReadonlySet<string> {
  const readers = consumers(graph);
  const outputs = new Set(graph.outputs);
  const isTerm = (tensor: string): boolean => {
    const own = readers.get(tensor) ?? [];
    return own.length > 0 && !outputs.has(tensor) && own.every((node) => among.has(node.name) && joins(node));
  };
  const joins = (node: Node): boolean => {
    const kind = ops.get(node.op)?.relevance;
    if (kind === 'sum') return true;
    return kind === 'shape' && node.outputs.every((output) => output === '' || isTerm(output));
  };
  return new Set(
    graph.nodes.flatMap(({ name, outputs: made }) =>
      among.has(name) && made.every((output) => output === '' || isTerm(output)) ? [name] : [],
    ),
  );
}
