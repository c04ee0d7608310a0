import { toFloat64, type Tensor } from '@pathwise/model';
import {
  consumers,
  producers,
  protectedTensors,
  typeOf,
  withNodes,
  type Graph,
  type Node,
  type TensorType,
} from '@pathwise/graph';

/** y = x * scale + shift, one of each a channel. */
export interface ChannelAffine {
  readonly scale: Float64Array;
  readonly shift: Float64Array;
}

/**
 * Folds each BatchNormalization into the Conv, ConvTranspose, Gemm or product with a matrix before it, where all parameters are constant and
 * nothing else reads the tensor between them: W' = W s, b' = (b - mean) s + B with s = scale / sqrt(var + epsilon),
 * computed in float64. The result keeps the name of the normalization's output.
 */
export function foldBatchNorm(graph: Graph, keep: readonly string[] = []): Graph {
  const fixed = protectedTensors(graph, keep);
  const readers = consumers(graph);
  const makers = producers(graph);
  const constants = new Map(graph.constants);
  const types = new Map<string, TensorType>();
  const merged = new Map<Node, Node>();
  const folded = new Set<Node>();
  for (const norm of graph.nodes) {
    const between = norm.inputs[0] as string;
    const linear = makers.get(between);
    if (linear === undefined || fixed.has(between) || readers.get(between)?.length !== 1) continue;
    const affine = channelAffine(norm, graph.constants);
    const parameters = affine && foldInto(graph, linear, affine);
    if (!parameters) continue;
    const names = Object.entries(parameters).map(([part, value]) => {
      const name = freshName(graph, types, `${norm.name}.${part}`);
      constants.set(name, value);
      types.set(name, { dtype: value.dtype, shape: value.shape });
      return name;
    });
    const inputs = [linear.inputs[0] as string, ...names];
    merged.set(norm, { ...withBias(linear), inputs, outputs: norm.outputs.slice(0, 1) });
    folded.add(linear);
  }
  if (merged.size === 0) return graph;
  // The merged node stands where the normalization stood: what it reads is computed before.
  const nodes = graph.nodes.filter((node) => !folded.has(node)).map((node) => merged.get(node) ?? node);
  return withNodes(graph, nodes, constants, types);
}

/** The node with room for a bias. */
function withBias(linear: Node): Node {
  if (linear.op === 'MatMul') return { ...linear, op: 'Gemm', attrs: { alpha: 1, beta: 1, transA: 0, transB: 0 } };
  return linear.op === 'Gemm' ? { ...linear, attrs: { ...linear.attrs, beta: 1 } } : linear;
}

/** The scale and shift of a normalization whose parameters are constants; null of other nodes. */
export function channelAffine(norm: Node, constants: ReadonlyMap<string, Tensor>): ChannelAffine | null {
  if (norm.op !== 'BatchNormalization' || (norm.attrs['training_mode'] ?? 0) !== 0) return null;
  if (norm.outputs.slice(1).some((output) => output !== '')) return null;
  const tensors = norm.inputs.slice(1).map((input) => constants.get(input));
  if (tensors.length !== 4 || tensors.includes(undefined)) return null;
  const [gamma, beta, mean, variance] = tensors.map((tensor) => toFloat64(tensor!.data));
  const epsilon = (norm.attrs['epsilon'] as number | undefined) ?? 1e-5;
  const scale = gamma.map((g, c) => g / Math.sqrt(variance[c] + epsilon));
  return { scale, shift: beta.map((b, c) => b - mean[c] * scale[c]) };
}

/** New weight and bias; null where the node is not linear with constant parameters. */
function foldInto(graph: Graph, node: Node, affine: ChannelAffine): { weight: Tensor; bias: Tensor } | null {
  const weight = graph.constants.get(node.inputs[1] ?? '');
  const biasName = node.inputs[2] ?? '';
  const bias = graph.constants.get(biasName);
  if (weight === undefined || (biasName !== '' && bias === undefined)) return null;
  const channelOf = outputChannel(graph, node, weight, affine.scale.length);
  const offset = channelOf && channelBias(node, bias, affine.scale.length);
  if (!channelOf || !offset) return null;
  const data = toFloat64(weight.data).map((w, i) => w * affine.scale[channelOf(i)]);
  const shifted = offset.map((b, c) => b * affine.scale[c] + affine.shift[c]);
  return {
    weight: { ...weight, data },
    bias: { dtype: weight.dtype, shape: [shifted.length], data: shifted },
  };
}

/** The output channel that each element of the weight belongs to. */
function outputChannel(graph: Graph, node: Node, { shape }: Tensor, channels: number): ((i: number) => number) | null {
  const [first, second] = shape as [number, number];
  const perRow = shape.slice(1).reduce((size, d) => size * d, 1);
  const kernel = shape.slice(2).reduce((size, d) => size * d, 1);
  switch (node.op) {
    case 'Conv':
      return (i) => Math.floor(i / perRow);
    case 'ConvTranspose': {
      const rowsPerGroup = first / ((node.attrs['group'] as number | undefined) ?? 1);
      return (i) => Math.floor(Math.floor(i / perRow) / rowsPerGroup) * second + (Math.floor(i / kernel) % second);
    }
    case 'Gemm':
      if (typeOf(graph, node.outputs[0] as string).shape[1] !== channels) return null;
      return node.attrs['transB'] === 1 ? (i) => Math.floor(i / second) : (i) => i % second;
    case 'MatMul':
      return shape.length === 2 && String(typeOf(graph, node.outputs[0] as string).shape.slice(1)) === String(channels)
        ? (i) => i % second
        : null;
    default:
      return null;
  }
}

/** The bias as one number a channel; null if it differs between rows. */
function channelBias(node: Node, bias: Tensor | undefined, channels: number): Float64Array | null {
  const out = new Float64Array(channels);
  if (bias === undefined) return out;
  const data = toFloat64(bias.data);
  const factor = node.op === 'Gemm' ? ((node.attrs['beta'] as number | undefined) ?? 1) : 1;
  if (data.length !== channels && data.length !== 1) return null;
  if (data.length > 1 && bias.shape.at(-1) !== channels) return null;
  return out.map((_, c) => factor * data[data.length === 1 ? 0 : c]);
}

function freshName(graph: Graph, taken: ReadonlyMap<string, unknown>, base: string): string {
  let name = base;
  for (let i = 1; graph.types.has(name) || taken.has(name); i++) name = `${base}_${i}`;
  return name;
}
