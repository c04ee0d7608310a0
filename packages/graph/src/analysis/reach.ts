import type { Graph } from '../graph.ts';

/** The tensors that depend on one of `sources` through any node, the sources included. */
export function descendants(graph: Graph, sources: Iterable<string>): Set<string> {
  const reached = new Set(sources);
  for (const node of graph.nodes) {
    if (!node.inputs.some((input) => reached.has(input))) continue;
    for (const output of node.outputs) if (output !== '') reached.add(output);
  }
  return reached;
}

/** The tensors that one of `targets` is computed from, the targets included. */
export function ancestors(graph: Graph, targets: Iterable<string>): Set<string> {
  const reached = new Set(targets);
  for (const node of [...graph.nodes].reverse()) {
    if (!node.outputs.some((output) => reached.has(output))) continue;
    for (const input of node.inputs) if (input !== '') reached.add(input);
  }
  return reached;
}
