import { PathwiseError } from '@pathwise/model';
import type { Graph, Node, TensorType } from './graph.ts';

/**
 * The part of a graph that computes `outputs` when the tensors `fed` are given: fed inner tensors become inputs, what
 * nothing needs is left out. Inputs keep the order of `fed`.
 * @throws PathwiseError BAD_ARGUMENT for a tensor that does not exist, or an input that is needed and not fed.
 */
export function subgraph(graph: Graph, fed: readonly string[], outputs: readonly string[]): Graph {
  const given = new Set(fed);
  for (const name of [...fed, ...outputs]) if (!graph.types.has(name)) throw unknownTensor(graph, name);
  const needed = new Set(outputs);
  const nodes: Node[] = [];
  for (const node of [...graph.nodes].reverse()) {
    if (!node.outputs.some((output) => needed.has(output) && !given.has(output))) continue;
    nodes.push(node);
    for (const input of node.inputs) if (input !== '') needed.add(input);
  }
  nodes.reverse();
  for (const name of graph.inputs) {
    if (needed.has(name) && !given.has(name)) {
      throw new PathwiseError('BAD_ARGUMENT', `input "${name}" was not given; the model needs it`, { tensor: name });
    }
  }
  const inputs = fed.filter((name) => needed.has(name));
  const constants = new Map([...graph.constants].filter(([name]) => needed.has(name) && !given.has(name)));
  const names = new Set([
    ...inputs,
    ...constants.keys(),
    ...nodes.flatMap((node) => node.outputs.filter((output) => output !== '')),
  ]);
  // A node with several outputs may also compute a fed one: the fed value wins, under the same name.
  const renamed = nodes.map((node) =>
    node.outputs.some((output) => given.has(output))
      ? { ...node, outputs: node.outputs.map((output) => (given.has(output) ? '' : output)) }
      : node,
  );
  const types = new Map([...names].map((name) => [name, graph.types.get(name) as TensorType]));
  return { name: graph.name, inputs, outputs: [...outputs], nodes: renamed, constants, types };
}

function unknownTensor(graph: Graph, name: string): PathwiseError {
  const near = [...graph.types.keys()].filter((other) => other.toLowerCase().includes(name.toLowerCase())).slice(0, 5);
  const hint =
    near.length === 0
      ? 'The inspect command lists all tensors.'
      : `Did you mean ${near.map((n) => `"${n}"`).join(', ')}?`;
  return new PathwiseError('BAD_ARGUMENT', `the model has no tensor "${name}". ${hint}`, { tensor: name });
}
