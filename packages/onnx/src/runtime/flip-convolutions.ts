import { sizeOf, toFloat64, type Shape, type Tensor } from '@pathwise/model';
import type { Graph, Node } from '@pathwise/graph';
import { rewriteNodes, type OpBuilder } from '@pathwise/ops';

/** Which input gradients of convolutions are written as convolutions. */
export type Flip = 'none' | 'depthwise' | 'all';

/**
 * ConvTranspose with constant weights and stride 1 as Conv with the weights flipped and their channel axes swapped:
 * ONNX Runtime has faster kernels for it (natively for all, in WebAssembly for depthwise ones). Other strides would
 * need zeros between the pixels, which costs more than it saves.
 */
export function flipConvolutions(graph: Graph, which: Flip): Graph {
  if (which === 'none') return graph;
  return rewriteNodes(graph, (b, node) => {
    const weights = node.op === 'ConvTranspose' ? graph.constants.get(node.inputs[1] ?? '') : undefined;
    const size = graph.types.get(node.outputs[0] ?? '')?.shape.slice(2);
    return weights === undefined || size === undefined ? null : flipped(b, node, weights, size, which);
  });
}

function flipped(
  b: OpBuilder,
  { inputs: [x = '', , bias = ''], attrs }: Node,
  weights: Tensor,
  size: Shape,
  which: Flip,
): readonly string[] | null {
  const kernel = weights.shape.slice(2);
  const group = attrs['group'] as number;
  const all = (name: string, value: number): readonly number[] =>
    (attrs[name] as readonly number[] | undefined) ?? kernel.map(() => value);
  const dilations = all('dilations', 1);
  const isDepthwise = group > 1 && weights.shape[0] === group && weights.shape[1] === 1;
  const isPlain = attrs['auto_pad'] === 'NOTSET' && attrs['output_shape'] === undefined;
  if (!isPlain || all('strides', 1).some((s) => s !== 1) || (which === 'depthwise' && !isDepthwise)) return null;
  // The pads of a transposed convolution crop its full output, in which the window reaches over either end of x.
  const crop = all('pads', 0);
  const reach = kernel.map((taps, axis) => (taps - 1) * (dilations[axis] as number));
  const before = reach.map((r, axis) => r - (crop[axis] ?? 0));
  const from = b.shape(x).slice(2);
  const after = reach.map((r, axis) => (size[axis] as number) - (from[axis] as number) + r - (before[axis] as number));
  const pads = [...before, ...after];
  if (pads.some((pad) => pad < 0)) return null;
  return [b.conv(x, flippedWeights(weights, group), bias === '' ? null : bias, { pads, dilations, group })];
}

/** [groups * ins, outs, ...kernel] as [groups * outs, ins, ...kernel], each kernel turned by 180 degrees. */
function flippedWeights({ dtype, shape, data }: Tensor, groups: number): Tensor {
  const [first, outs, ...kernel] = shape as [number, number, ...number[]];
  const ins = first / groups;
  const taps = sizeOf(kernel);
  const source = toFloat64(data);
  const turned = new Float64Array(source.length);
  for (let g = 0; g < groups; g++) {
    for (let i = 0; i < ins; i++) {
      for (let o = 0; o < outs; o++) {
        const from = ((g * ins + i) * outs + o) * taps;
        const to = ((g * outs + o) * ins + i) * taps;
        for (let t = 0; t < taps; t++) turned[to + t] = source[from + taps - 1 - t] as number;
      }
    }
  }
  return { dtype, shape: [groups * outs, ins, ...kernel], data: turned };
}
