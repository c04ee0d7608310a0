import type { Graph, Node } from '../graph.ts';
import { protectedTensors, withNodes } from './rebuild.ts';

/** Removes nodes and constants that neither an output nor a tensor of `keep` needs. Inputs stay. */
export function removeDeadNodes(graph: Graph, keep: readonly string[] = []): Graph {
  const live = protectedTensors(graph, keep);
  const nodes: Node[] = [];
  for (const node of [...graph.nodes].reverse()) {
    if (!node.outputs.some((output) => live.has(output))) continue;
    nodes.push(node);
    for (const input of node.inputs) if (input !== '') live.add(input);
  }
  nodes.reverse();
  const constants = new Map([...graph.constants].filter(([name]) => live.has(name)));
  if (nodes.length === graph.nodes.length && constants.size === graph.constants.size) return graph;
  return withNodes(graph, nodes, constants);
}
