import type { DType, Shape, Tensor } from '@pathwise/model';

/** Value of a node's attribute. */
export type AttrValue = number | string | readonly number[] | readonly string[] | Tensor;
export type Attrs = Readonly<Record<string, AttrValue | undefined>>;

/** One application of an op. Tensors are named; an absent optional input or output is ''. */
export interface Node {
  readonly name: string;
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attrs: Attrs;
}

/** Element type and static shape of a tensor. */
export interface TensorType {
  readonly dtype: DType;
  readonly shape: Shape;
}

/**
 * A computation graph: plain data. Shapes are static and describe one example (where the model has a batch axis,
 * its size is 1); engines map a graph over the rows of a batch. Nodes are in topological order. Op semantics and
 * layout are those of ONNX opset 21.
 */
export interface Graph {
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly nodes: readonly Node[];
  readonly constants: ReadonlyMap<string, Tensor>;
  /** Type of every tensor: inputs, constants and node outputs. */
  readonly types: ReadonlyMap<string, TensorType>;
}

/** Type of a tensor that must exist. */
export function typeOf(graph: Graph, name: string): TensorType {
  const type = graph.types.get(name);
  if (type === undefined) throw new Error(`graph "${graph.name}" has no tensor "${name}"`);
  return type;
}

/** The node that computes each tensor. */
export function producers(graph: Graph): Map<string, Node> {
  const map = new Map<string, Node>();
  for (const node of graph.nodes) for (const output of node.outputs) if (output !== '') map.set(output, node);
  return map;
}

/** The nodes that read each tensor, in order; a node that reads it twice is listed once. */
export function consumers(graph: Graph): Map<string, Node[]> {
  const map = new Map<string, Node[]>();
  for (const node of graph.nodes) {
    for (const input of new Set(node.inputs)) {
      if (input === '') continue;
      const readers = map.get(input);
      if (readers === undefined) map.set(input, [node]);
      else readers.push(node);
    }
  }
  return map;
}
