import { PathwiseError } from '@pathwise/model';
import type { FunctionProto, GraphProto, NodeProto } from '../wire/messages.ts';

/** The parts of a graph or function that define and read names. */
interface Body {
  readonly nodes: readonly NodeProto[];
  readonly outputs: readonly string[];
}

/** Is a tensor defined at this place? */
type Known = (name: string) => boolean;

/**
 * Checks that every tensor is defined once and before it is read, in the graph and its sub-graphs.
 * @throws PathwiseError BAD_FILE naming the node and the tensor
 */
export function checkGraphNames(graph: GraphProto, outer: Known = () => false): void {
  const own = new Set<string>();
  const inputs = graph.inputs.map((input) => input.name ?? '');
  const constants = [...graph.initializers, ...graph.sparseInitializers.map((sparse) => sparse.values)].map(
    (t) => t?.name ?? '',
  );
  for (const name of inputs) define(own, name, 'input');
  const listed = new Set<string>();
  for (const name of constants) {
    if (listed.has(name)) define(own, name, 'initializer');
    listed.add(name);
    own.add(name);
  }
  checkBody({ nodes: graph.nodes, outputs: graph.outputs.map((output) => output.name ?? '') }, own, outer);
}

export function checkFunctionNames(fn: FunctionProto): void {
  const own = new Set<string>();
  for (const name of fn.inputs) define(own, name, `input of function ${fn.name ?? ''}`);
  checkBody(fn, own, () => false);
}

function checkBody({ nodes, outputs }: Body, own: Set<string>, outer: Known): void {
  const known: Known = (name) => name === '' || own.has(name) || outer(name);
  let producers: Map<string, string> | undefined;
  const missing = (name: string, reader: string): PathwiseError => {
    producers ??= new Map(nodes.flatMap((node) => node.outputs.map((output) => [output, nodeLabel(node)])));
    const producer = producers.get(name);
    const why =
      producer === undefined
        ? 'which nothing defines'
        : `which only ${producer} computes, at or after it: the nodes are not sorted, or they form a cycle`;
    return new PathwiseError('BAD_FILE', `${reader} reads tensor "${name}", ${why}`, { tensor: name });
  };
  for (const node of nodes) {
    for (const input of node.inputs) if (!known(input)) throw missing(input, nodeLabel(node));
    for (const { graph } of node.attributes) {
      if (graph !== undefined) checkGraphNames(graph, known);
    }
    for (const output of node.outputs) if (output !== '') define(own, output, `output of ${nodeLabel(node)}`);
  }
  for (const output of outputs) if (!known(output)) throw missing(output, 'the list of outputs');
}

function define(names: Set<string>, name: string, what: string): void {
  if (names.has(name))
    throw new PathwiseError('BAD_FILE', `tensor "${name}" (${what}) is defined twice`, { tensor: name });
  names.add(name);
}

/** A node in messages: its name, or its first output where it has none. */
export function nodeLabel(node: NodeProto): string {
  return `node "${nodeNameOf(node)}" (${node.op ?? ''})`;
}

export function nodeNameOf(node: NodeProto): string {
  return node.name !== undefined && node.name !== '' ? node.name : (node.outputs.find((output) => output !== '') ?? '');
}
