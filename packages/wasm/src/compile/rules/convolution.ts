import { asFloats, toFloat64, type Tensor } from '@pathwise/model';
import type { Node } from '@pathwise/graph';
import {
  transposedWindows,
  windowGeometry,
  type ConvTransposeAttrs,
  type WindowAttrs,
  type WindowGeometry,
} from '@pathwise/ops';
import type { Emitter } from '../emitter.ts';
import { transposed, type View } from '../view.ts';
import { tapsOf, type ProductStep, type Weights } from './kernel-words.ts';
import { emitProduct } from './product-step.ts';
import { first, number, type Rule } from './rule.ts';
import { varyingConv, varyingConvTranspose, withBias } from './varying-convolution.ts';
import { pixelOrder, volumeOf, volumeWindows, withPixels } from './volume.ts';

type Kernel = Pick<ProductStep, 'windows' | 'transposed' | 'groups' | 'weights' | 'key'>;

/** Weights whose taps lie side by side. */
function plainly({ data }: Tensor): Pick<Weights, 'data' | 'origin' | 'tap' | 'scale'> {
  return { data: asFloats(data), origin: 0, tap: 1, scale: 1 };
}

const conv: Rule = (e, node) => {
  const w = e.constantOf(node, 1);
  if (w === undefined) return [varyingConv(e, node)];
  const { shape } = e.type(node.inputs[0]);
  const attrs = node.attrs as unknown as WindowAttrs;
  const windows = volumeWindows(windowGeometry(shape.slice(2), w.shape.slice(2), attrs));
  const groups = number(node, 'group');
  const [channels, inputs] = w.shape;
  const taps = tapsOf(windows);
  const output = inputs * taps;
  const weights = { ...plainly(w), group: (channels / groups) * output, output, input: taps };
  const key = `conv ${groups} ${node.inputs[1]}`;
  return [convolved(e, node, { windows, transposed: false, groups, weights, key })];
};

const convTranspose: Rule = (e, node) => {
  const w = e.constantOf(node, 1);
  if (w === undefined) return [varyingConvTranspose(e, node)];
  const { shape } = e.type(node.inputs[0]);
  const attrs = node.attrs as unknown as ConvTransposeAttrs;
  const windows = volumeWindows(transposedWindows(shape.slice(2), w.shape.slice(2), attrs));
  const groups = number(node, 'group');
  const [channels, outputs] = w.shape;
  const taps = tapsOf(windows);
  const input = outputs * taps;
  const weights = { ...plainly(w), group: (channels / groups) * input, output: taps, input };
  const kernel = { windows, transposed: true, groups, weights, key: `adjoint ${groups} ${node.inputs[1]}` };
  return [convolved(e, node, windows.strides.every((stride) => stride === 1) ? flipped(kernel) : kernel)];
};

/** The adjoint of a convolution with strides 1 is one with the kernel turned round, whose runs are longer. */
function flipped({ windows: g, groups, weights, key }: Kernel): Kernel {
  const reach = g.kernel.map((size, i) => (size - 1) * g.dilations[i]);
  const windows: WindowGeometry = {
    ...g,
    input: g.output,
    output: g.input,
    padsBegin: g.padsBegin.map((pad, i) => reach[i] - pad),
  };
  return {
    windows,
    transposed: false,
    groups,
    weights: { ...weights, origin: weights.origin + (tapsOf(g) - 1) * weights.tap, tap: -weights.tap },
    key: `flipped ${key}`,
  };
}

function convolved(e: Emitter, node: Node, kernel: Kernel): View {
  const bias = e.input(node, 2);
  if (bias === null || e.constantOf(node, 2) !== undefined) return withConstants(e, node, kernel, node.outputs[0]);
  return withBias(e, withConstants(e, node, kernel), bias);
}

/** The convolution and its bias as far as they are constant; `name` is the tensor that it makes. */
function withConstants(e: Emitter, node: Node, kernel: Kernel, name?: string): View {
  const { shape } = e.type(node.outputs[0]);
  const bias = biasOf(e, node);
  const [batch, channels] = shape;
  // Planes of one channel with one kernel, as the gradient of pooling has them, are channels of a depthwise convolution.
  if (batch > 1 && channels === 1 && kernel.groups === 1 && e.type(node.inputs[0]).shape[1] === 1) {
    const swapped = [1, 0, ...shape.map((_, axis) => axis).slice(2)];
    const x = withPixels(e, transposed(first(e, node), swapped));
    const y = e.allocate(x.shape.slice(0, 2).concat(shape.slice(2)), pixelOrder(shape.length));
    const spread = bias === null ? null : new Array<number>(batch).fill(bias[0]);
    emitProduct(e, {
      ...kernel,
      groups: batch,
      weights: { ...kernel.weights, group: 0 },
      key: undefined,
      x: volumeOf(x, 0),
      y: volumeOf(y, 0),
      bias: spread,
    });
    return transposed(y, swapped);
  }
  const x = withPixels(e, first(e, node));
  const y = e.allocate(shape, pixelOrder(shape.length));
  const makers = Array.from({ length: batch }, (_, n) =>
    emitProduct(e, { ...kernel, x: volumeOf(x, n), y: volumeOf(y, n), bias }),
  );
  if (name !== undefined && batch === 1 && makers[0] !== null)
    e.makers.set(name, { ...makers[0], volumeOf: (view) => volumeOf(view, 0) });
  return y;
}

/** The bias where it is constant; another one is added by itself. */
function biasOf(e: Emitter, node: Node): Float64Array | null {
  const bias = e.constantOf(node, 2);
  return bias === undefined ? null : toFloat64(bias.data);
}

export const convolutionRules: Readonly<Record<string, Rule>> = { Conv: conv, ConvTranspose: convTranspose };
