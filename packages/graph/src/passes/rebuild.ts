import type { Tensor } from '@pathwise/model';
import type { Graph, Node, TensorType } from '../graph.ts';

/** Tensors that a pass must leave: under their names, with the same readers, so that they can still be asked for. */
export function protectedTensors(graph: Graph, keep: readonly string[]): Set<string> {
  return new Set([...graph.outputs, ...keep]);
}

/** `graph` with other nodes and constants; types of tensors that are gone are dropped. */
export function withNodes(
  graph: Graph,
  nodes: readonly Node[],
  constants: ReadonlyMap<string, Tensor> = graph.constants,
  added: ReadonlyMap<string, TensorType> = new Map(),
): Graph {
  const names = new Set([...graph.inputs, ...constants.keys(), ...nodes.flatMap((node) => node.outputs)]);
  const types = new Map([...graph.types, ...added].filter(([name]) => names.has(name)));
  return { ...graph, nodes, constants, types };
}
