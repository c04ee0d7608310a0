import { shapeError, type Shape } from '@pathwise/model';
import type { OperandInfo } from '@pathwise/graph';
import type { OpBuilder } from '../builder.ts';
import type { WindowGeometry } from './window.ts';

/** The kernel's spatial shape, checked against the attribute that repeats it. */
export function kernelOf(weights: Shape, attribute: readonly number[] | undefined): readonly number[] {
  const kernel = weights.slice(2);
  if (attribute !== undefined && attribute.join() !== kernel.join()) {
    throw shapeError('convolution', 'W', `[..., ${attribute.join(',')}] (kernel_shape)`, weights);
  }
  return kernel;
}

/** Checks a bias of one value a channel. */
export function checkBias(bias: OperandInfo | null | undefined, channels: number): void {
  if (bias && (bias.shape.length !== 1 || bias.shape[0] !== channels)) {
    throw shapeError('convolution', 'B', `[${channels}]`, bias.shape);
  }
}

/** An output that starts from the bias, one value a channel. */
export function filledWithBias(
  size: number,
  channels: number,
  area: number,
  bias: Float64Array | undefined,
): Float64Array {
  const out = new Float64Array(size);
  if (bias !== undefined) {
    for (let at = 0, c = 0; at < size; at += area, c = (c + 1) % channels) out.fill(bias[c], at, at + area);
  }
  return out;
}

/** Cotangent of the bias: the sum over everything but channels. */
export function biasGradient(b: OpBuilder, dy: string): string {
  return b.reduceSum(
    dy,
    b.shape(dy).flatMap((_, axis) => (axis === 1 ? [] : [axis])),
    false,
  );
}

/**
 * Cotangent of the weights [groups * m, c, ...kernel] of windows over `input` [batch, groups * c, ...] with the other
 * side `output` [batch, groups * m, ...]: the input is convolved with the output as kernel, where strides and
 * dilations change roles, and the batch is summed over as channels are.
 */
export function weightGradient(b: OpBuilder, input: string, output: string, g: WindowGeometry, groups: number): string {
  const [batch, inputChannels] = b.shape(input);
  const c = inputChannels / groups;
  const spatial = g.input.map((_, i) => i);
  const x = b.reshape(
    b.transpose(b.reshape(input, [batch, groups, c, ...g.input]), [2, 1, 0, ...spatial.map((i) => i + 3)]),
    [c, groups * batch, ...g.input],
  );
  const d = b.transpose(output, [1, 0, ...spatial.map((i) => i + 2)]);
  const ends = g.output.map(
    (count, i) => (count - 1) * g.strides[i] + (g.kernel[i] - 1) * g.dilations[i] + 1 - g.padsBegin[i] - g.input[i],
  );
  const cropped = cropEnds(b, x, ends);
  const dw = b.conv(cropped, d, null, {
    strides: g.dilations,
    dilations: g.strides,
    pads: [...g.padsBegin, ...ends.map((end) => Math.max(0, end))],
    group: groups,
  });
  return b.transpose(dw, [1, 0, ...spatial.map((i) => i + 2)]);
}

/** Crops the ends of the spatial axes where the amount is negative. */
export function cropEnds(b: OpBuilder, x: string, ends: readonly number[]): string {
  return b.pad(x, [...new Array<number>(ends.length + 4).fill(0), ...ends.map((end) => Math.min(0, end))]);
}
