import type { GraphProto, NodeProto } from '../wire/messages.ts';

/** Names that a node reads: its inputs, and those that its sub-graphs take from outside. */
export function readsOf(node: NodeProto): Set<string> {
  const reads = new Set(node.inputs.filter((name) => name !== ''));
  for (const { graph } of node.attributes)
    if (graph !== undefined) for (const name of freeNames(graph)) reads.add(name);
  return reads;
}

/** Names that a sub-graph takes from outside. */
function freeNames(graph: GraphProto): Set<string> {
  const own = new Set<string>();
  for (const input of graph.inputs) own.add(input.name ?? '');
  for (const tensor of graph.initializers) own.add(tensor.name ?? '');
  const free = new Set<string>();
  for (const node of graph.nodes) {
    for (const name of readsOf(node)) if (!own.has(name)) free.add(name);
    for (const output of node.outputs) own.add(output);
  }
  for (const { name = '' } of graph.outputs) if (!own.has(name)) free.add(name);
  return free;
}

/** The nodes that the outputs depend on, in order, and every name that they and the outputs read. */
export function liveNodes(
  nodes: readonly NodeProto[],
  outputs: readonly string[],
): { live: readonly NodeProto[]; used: ReadonlySet<string> } {
  const used = new Set(outputs);
  const live: NodeProto[] = [];
  for (let i = nodes.length - 1; i >= 0; i--) {
    const node = nodes[i] as NodeProto;
    if (!node.outputs.some((output) => output !== '' && used.has(output))) continue;
    live.push(node);
    for (const name of readsOf(node)) used.add(name);
  }
  return { live: live.reverse(), used };
}
