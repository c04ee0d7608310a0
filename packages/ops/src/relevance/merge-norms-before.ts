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
import { channelAffine, type ChannelAffine } from '../passes/fold-batch-norm.ts';

/** A product's weights and bias with the normalization before it in them. */
interface Parameters {
  readonly weight: Tensor;
  readonly bias: Tensor;
}

/**
 * Merges each BatchNormalization that only products read into these: W' = W s on the input's channels, b' = b + the sum of
 * W t. A convolution that pads with zeros keeps it, for at the border the sum is another one.
 *
 * @returns the graph and how many normalizations went into the weights behind them
 */
export function mergeNormsBefore(graph: Graph, keep: readonly string[]): { graph: Graph; count: number } {
  const readers = consumers(graph);
  const fixed = protectedTensors(graph, keep);
  const constants = new Map(graph.constants);
  const types = new Map<string, TensorType>();
  const merged = new Map<Node, Node>();
  const gone = new Set<Node>();
  for (const norm of graph.nodes) {
    const [between = ''] = norm.outputs;
    const products = readers.get(between) ?? [];
    const affine = channelAffine(norm, graph.constants);
    if (affine === null || fixed.has(between) || products.length === 0) continue;
    const found = products.map((product) =>
      product.inputs[0] === between && product.inputs.lastIndexOf(between) === 0
        ? mergedInto(graph, product, affine)
        : null,
    );
    if (found.includes(null)) continue;
    for (const [i, product] of products.entries()) {
      const { weight, bias } = found[i] as Parameters;
      const [w, b] = [`${product.name}.${norm.name}.weight`, `${product.name}.${norm.name}.bias`];
      for (const [name, value] of [[w, weight] as const, [b, bias] as const]) {
        constants.set(name, value);
        types.set(name, { dtype: value.dtype, shape: value.shape });
      }
      merged.set(product, { ...asGemm(product), inputs: [norm.inputs[0] as string, w, b] });
    }
    gone.add(norm);
  }
  if (gone.size === 0) return { graph, count: 0 };
  const nodes = graph.nodes.filter((node) => !gone.has(node)).map((node) => merged.get(node) ?? node);
  return { graph: withNodes(graph, nodes, constants, types), count: gone.size };
}

/** A product of matrices that has a bias. */
function asGemm(product: Node): Node {
  if (product.op === 'Conv') return product;
  const { transB = 0, alpha = 1 } = product.attrs;
  return { ...product, op: 'Gemm', attrs: { alpha, beta: 1, transA: 0, transB } };
}

function mergedInto(graph: Graph, node: Node, { scale, shift }: ChannelAffine): Parameters | null {
  const [x = '', w = '', own = ''] = node.inputs;
  const weight = graph.constants.get(w);
  const bias = graph.constants.get(own);
  if (weight === undefined || (own !== '' && bias === undefined)) return null;
  const places = node.op === 'Conv' ? ofConvolution(node, weight) : ofMatrix(graph, node, x, weight);
  if (places === null) return null;
  const { inputAt, outputAt, outputs } = places;
  const { alpha = 1, beta = 1 } = node.op === 'Gemm' ? (node.attrs as { alpha?: number; beta?: number }) : {};
  const given = bias === undefined ? null : toFloat64(bias.data);
  if (given !== null && given.length !== outputs) return null;
  const sums = Float64Array.from({ length: outputs }, (_, c) => (given === null ? 0 : beta * (given[c] as number)));
  const values = toFloat64(weight.data);
  const data = values.map((value, i) => {
    sums[outputAt(i)] += alpha * value * (shift[inputAt(i)] as number);
    return value * (scale[inputAt(i)] as number);
  });
  return { weight: { ...weight, data }, bias: { dtype: weight.dtype, shape: [outputs], data: sums } };
}

/** Which channel of the input, and which of the output, each element of the weight belongs to. */
interface Places {
  readonly outputs: number;
  inputAt(i: number): number;
  outputAt(i: number): number;
}

function ofConvolution({ attrs }: Node, { shape }: Tensor): Places | null {
  const pads = (attrs['pads'] as readonly number[] | undefined) ?? [];
  const auto = (attrs['auto_pad'] as string | undefined) ?? 'NOTSET';
  const isPadded = auto.startsWith('SAME') || pads.some((pad) => pad !== 0);
  if (isPadded) return null;
  const [outputs = 0, perGroup = 0] = shape;
  const kernel = shape.slice(2).reduce((size, d) => size * d, 1);
  const groups = (attrs['group'] as number | undefined) ?? 1;
  const outputAt = (i: number): number => Math.floor(i / (perGroup * kernel));
  const groupOf = (i: number): number => Math.floor(outputAt(i) / (outputs / groups));
  return { outputs, outputAt, inputAt: (i) => groupOf(i) * perGroup + (Math.floor(i / kernel) % perGroup) };
}

function ofMatrix(graph: Graph, { op, attrs }: Node, x: string, { shape }: Tensor): Places | null {
  const isProduct = op === 'MatMul' || (op === 'Gemm' && (attrs['transA'] ?? 0) === 0);
  if (!isProduct || shape.length !== 2 || typeOf(graph, x).shape.length !== 2) return null;
  const [first = 0, second = 0] = shape;
  const isTransposed = op === 'Gemm' && attrs['transB'] === 1;
  const [row, column] = [(i: number) => Math.floor(i / second), (i: number) => i % second];
  return isTransposed
    ? { outputs: first, outputAt: row, inputAt: column }
    : { outputs: second, outputAt: column, inputAt: row };
}
