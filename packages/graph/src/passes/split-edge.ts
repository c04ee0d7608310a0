import { PathwiseError } from '@pathwise/model';
import type { Graph, Node } from '../graph.ts';

/**
 * Gives one edge of a graph a tensor of its own: the node `consumer` reads an Identity of `tensor` in its place, all
 * other readers the tensor itself. So a skip connection, whose tensor the block reads too, can be named as a layer: the
 * block's output and the edge are a cut, the block's output and the tensor are none.
 *
 * @param consumer - name of the node at the end of the edge; it may read the tensor more than once
 * @returns the graph, and the name of the edge's tensor
 * @throws PathwiseError BAD_ARGUMENT if there is no such node, or it does not read the tensor
 */
export function splitEdge(graph: Graph, tensor: string, consumer: string): { graph: Graph; edge: string } {
  const at = graph.nodes.findIndex(({ name }) => name === consumer);
  const reader = graph.nodes[at];
  if (reader === undefined) {
    throw new PathwiseError('BAD_ARGUMENT', `graph "${graph.name}" has no node "${consumer}"`, { node: consumer });
  }
  const type = graph.types.get(tensor);
  if (type === undefined || !reader.inputs.includes(tensor)) {
    const inputs = reader.inputs.filter((input) => input !== '').join('", "');
    throw new PathwiseError(
      'BAD_ARGUMENT',
      `node "${consumer}" (${reader.op}) does not read "${tensor}"; it reads "${inputs}"`,
      {
        node: consumer,
        op: reader.op,
        tensor,
      },
    );
  }
  const edge = freshName(graph, `${tensor}->${consumer}`);
  const identity: Node = { name: edge, op: 'Identity', inputs: [tensor], outputs: [edge], attrs: {} };
  const renamed = { ...reader, inputs: reader.inputs.map((input) => (input === tensor ? edge : input)) };
  const nodes = [...graph.nodes.slice(0, at), identity, renamed, ...graph.nodes.slice(at + 1)];
  return { graph: { ...graph, nodes, types: new Map([...graph.types, [edge, type]]) }, edge };
}

function freshName(graph: Graph, base: string): string {
  const isTaken = (name: string): boolean => graph.types.has(name) || graph.nodes.some((node) => node.name === name);
  let name = base;
  for (let count = 1; isTaken(name); count++) name = `${base}_${count}`;
  return name;
}
