import { toFloat64, type Tensor } from '@pathwise/model';
import {
  consumers,
  protectedTensors,
  typeOf,
  withNodes,
  type Graph,
  type Node,
  type TensorType,
} from '@pathwise/graph';

/** A product with the bias that was added behind it. */
interface Merged {
  readonly node: Node;
  /** A constant that the node reads and the graph has not. */
  readonly constant?: readonly [name: string, value: Tensor];
}

/**
 * A product without a bias whose only reader adds a constant, one number for each output, takes it as its bias:
 * MatMul [rows, k] x [k, n] becomes Gemm, Conv and ConvTranspose get a third input.
 */
export function mergeBiases(graph: Graph, keep: readonly string[]): { graph: Graph; count: number } {
  const readers = consumers(graph);
  const fixed = protectedTensors(graph, keep);
  const merged = new Map<Node, Merged>();
  const gone = new Set<Node>();
  for (const node of graph.nodes) {
    const product = node.outputs[0] as string;
    const [reader, ...others] = readers.get(product) ?? [];
    if (fixed.has(product) || reader?.op !== 'Add' || others.length > 0 || reader.inputs[0] === reader.inputs[1])
      continue;
    const bias = reader.inputs.find((input) => input !== product) as string;
    const made = graph.constants.has(bias) ? withBias(graph, node, reader, bias) : null;
    if (made === null) continue;
    merged.set(reader, made);
    gone.add(node);
  }
  if (merged.size === 0) return { graph, count: 0 };
  const nodes = graph.nodes.filter((node) => !gone.has(node)).map((node) => merged.get(node)?.node ?? node);
  const added = [...merged.values()].flatMap(({ constant }) => (constant === undefined ? [] : [constant]));
  const types = added.map(([name, { dtype, shape }]): [string, TensorType] => [name, { dtype, shape }]);
  return {
    graph: withNodes(graph, nodes, new Map([...graph.constants, ...added]), new Map(types)),
    count: merged.size,
  };
}

function withBias(graph: Graph, node: Node, { name, outputs }: Node, bias: string): Merged | null {
  const [x = '', w = '', own = ''] = node.inputs;
  const value = graph.constants.get(bias) as Tensor;
  const [from, weight, to] = [x, w, node.outputs[0] as string].map((ref) => typeOf(graph, ref).shape);
  if (!graph.constants.has(w) || String(typeOf(graph, outputs[0] as string).shape) !== String(to)) return null;
  if (node.op === 'MatMul') {
    const fits = value.shape.length <= 2 && value.data.length === weight[1];
    if (!fits || from.length !== 2 || weight.length !== 2) return null;
    const attrs = { alpha: 1, beta: 1, transA: 0, transB: 0 };
    return { node: { name, op: 'Gemm', inputs: [x, w, bias], outputs, attrs } };
  }
  if ((node.op !== 'Conv' && node.op !== 'ConvTranspose') || own !== '') return null;
  const full = [...new Array<number>(to.length - value.shape.length).fill(1), ...value.shape];
  if (!full.every((size, axis) => size === (axis === 1 ? to[1] : 1))) return null;
  const flat = `${name}.bias`;
  if (graph.types.has(flat)) return null;
  const constant = { dtype: value.dtype, shape: [value.data.length], data: toFloat64(value.data) };
  return { node: { ...node, name, inputs: [x, w, flat], outputs }, constant: [flat, constant] };
}
