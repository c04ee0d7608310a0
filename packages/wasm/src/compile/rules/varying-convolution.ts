import { sizeOf } from '@pathwise/model';
import type { Node } from '@pathwise/graph';
import { transposedWindows, windowGeometry, type ConvTransposeAttrs, type WindowAttrs } from '@pathwise/ops';
import type { Emitter } from '../emitter.ts';
import { sliced, transposed, type View } from '../view.ts';
import { product } from './products.ts';
import { first, number } from './rule.ts';

/** How one spatial axis is read: output o, tap t lies at o * stride + t * dilation of a line with zeros. */
interface Line {
  readonly size: number;
  /** Where the first element of the input lies in the line, be it outside, and how far from each other they are. */
  readonly start: number;
  readonly step: number;
  readonly stride: number;
  readonly dilation: number;
}

/** A convolution whose kernels are computed: patches, written out, times kernels. */
export function varyingConv(e: Emitter, node: Node): View {
  const [x, w] = [first(e, node), e.input(node, 1) as View];
  const g = windowGeometry(x.shape.slice(2), w.shape.slice(2), node.attrs as unknown as WindowAttrs);
  const lines = g.strides.map((stride, i): Line => {
    const size = (g.output[i] - 1) * stride + (g.kernel[i] - 1) * g.dilations[i] + 1;
    return { size, start: g.padsBegin[i], step: 1, stride, dilation: g.dilations[i] };
  });
  const groups = number(node, 'group');
  const kernels = e.reshape(w, [groups, w.shape[0] / groups, sizeOf(w.shape.slice(1))]);
  return patchesTimes(e, node, { lines, groups, kernels });
}

/** The adjoint: a convolution, with kernels turned round, of the input with zeros between its elements. */
export function varyingConvTranspose(e: Emitter, node: Node): View {
  const [x, w] = [first(e, node), e.input(node, 1) as View];
  const g = transposedWindows(x.shape.slice(2), w.shape.slice(2), node.attrs as unknown as ConvTransposeAttrs);
  const lines = g.strides.map((step, i): Line => {
    const dilation = g.dilations[i];
    const reach = (g.kernel[i] - 1) * dilation;
    return { size: g.input[i] + reach, start: reach - g.padsBegin[i], step, stride: 1, dilation };
  });
  const groups = number(node, 'group');
  const [channels, outputs] = w.shape;
  const turned = g.kernel.reduce((view, size, i) => sliced(view, i + 2, size - 1, size, -1), w);
  const grouped = e.reshape(turned, [groups, channels / groups, outputs, sizeOf(g.kernel)]);
  const kernels = e.reshape(transposed(grouped, [0, 2, 1, 3]), [
    groups,
    outputs,
    (channels / groups) * sizeOf(g.kernel),
  ]);
  return patchesTimes(e, node, { lines, groups, kernels });
}

interface Patches {
  readonly lines: readonly Line[];
  readonly groups: number;
  /** [groups, outputs of a group, inputs of a group * taps] */
  readonly kernels: View;
}

function patchesTimes(e: Emitter, node: Node, { lines, groups, kernels }: Patches): View {
  const { shape } = e.type(node.outputs[0]);
  const [batch, , ...output] = shape;
  const line = spreadOut(e, first(e, node), lines);
  const taps = e.type(node.inputs[1]).shape.slice(2);
  const along = line.strides.slice(2);
  const windows: View = {
    ...line,
    shape: [...line.shape.slice(0, 2), ...taps, ...output],
    strides: [
      ...line.strides.slice(0, 2),
      ...lines.map(({ dilation }, i) => dilation * along[i]),
      ...lines.map(({ stride }, i) => stride * along[i]),
    ],
  };
  const patches = e.reshape(e.rowMajor(windows), [batch, groups, kernels.shape[2], sizeOf(output)]);
  const y = e.reshape(product(e, kernels, patches), shape);
  const bias = e.input(node, 2);
  return bias === null ? y : withBias(e, y, bias);
}

/** y [n, m, ...] plus bias [m]. */
export function withBias(e: Emitter, y: View, bias: View): View {
  return e.map('add', [y, e.reshape(bias, [y.shape[1], ...y.shape.slice(2).map(() => 1)])]);
}

/** x along lines of zeros, without what lies outside them. */
function spreadOut(e: Emitter, x: View, lines: readonly Line[]): View {
  const target = e.allocate([...x.shape.slice(0, 2), ...lines.map(({ size }) => size)]);
  e.mapTo(target, 'copy', [e.scalar(0)]);
  let [from, to] = [x, target];
  for (const [i, { size, start, step }] of lines.entries()) {
    const skipped = Math.max(0, Math.ceil(-start / step));
    const count = Math.min(x.shape[i + 2], Math.ceil((size - start) / step)) - skipped;
    if (count <= 0) return target;
    from = sliced(from, i + 2, skipped, count);
    to = sliced(to, i + 2, start + skipped * step, count, step);
  }
  e.mapTo(to, 'copy', [from]);
  return target;
}
