import { sameShape } from '@pathwise/model';
import { consumers, protectedTensors, typeOf, withNodes, type Graph, type Node } from '@pathwise/graph';

/** Ops that do nothing when the type and shape stay the same. */
const PASSING = new Set([
  'Identity',
  'Dropout',
  'Cast',
  'CastLike',
  'Reshape',
  'Flatten',
  'Squeeze',
  'Unsqueeze',
  'Expand',
]);

/**
 * Removes nodes that pass their input on unchanged. The result's readers read the input; where the result must keep its
 * name, the node that computes the input takes it over, unless that name must stay too or has other readers.
 */
export function removeIdentities(graph: Graph, keep: readonly string[] = []): Graph {
  const fixed = protectedTensors(graph, keep);
  const replacement = new Map<string, string>();
  const final = (name: string): string => replacement.get(name) ?? name;
  const readers = consumers(graph);
  const readOnce = (source: string): boolean => {
    const aliases = [source, ...[...replacement.keys()].filter((name) => replacement.get(name) === source)];
    return aliases.every((name) => (readers.get(name) ?? []).length <= 1);
  };
  const computed = new Set(graph.nodes.flatMap((node) => node.outputs));
  const remaining: Node[] = [];
  for (const node of graph.nodes) {
    if (!passesOn(graph, node)) {
      remaining.push(node);
      continue;
    }
    const source = final(node.inputs[0] as string);
    const result = node.outputs[0] as string;
    if (!fixed.has(result)) {
      replacement.set(result, source);
    } else if (computed.has(source) && !fixed.has(source) && readOnce(source)) {
      for (const [name, target] of replacement) if (target === source) replacement.set(name, result);
      replacement.set(source, result);
    } else {
      remaining.push(node);
    }
  }
  if (replacement.size === 0) return graph;
  const nodes = remaining.map((node) => ({
    ...node,
    inputs: node.inputs.map(final),
    outputs: node.outputs.map(final),
  }));
  return withNodes(graph, nodes);
}

function passesOn(graph: Graph, node: Node): boolean {
  const [input] = node.inputs;
  const [output, ...others] = node.outputs;
  if (!PASSING.has(node.op) || !input || !output || others.some((name) => name !== '')) return false;
  const from = typeOf(graph, input);
  const to = typeOf(graph, output);
  return from.dtype === to.dtype && sameShape(from.shape, to.shape);
}
