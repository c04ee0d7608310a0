import { argumentError, PathwiseError, sizeOf, type Shape } from '@pathwise/model';
import type { AttrSpec, TensorType } from '@pathwise/graph';

/** Attributes that place sliding windows, as ONNX names them. */
export type WindowAttrs = {
  auto_pad: 'NOTSET' | 'SAME_UPPER' | 'SAME_LOWER' | 'VALID';
  dilations?: readonly number[];
  kernel_shape?: readonly number[];
  pads?: readonly number[];
  strides?: readonly number[];
};

export const WINDOW_ATTRS: Readonly<Record<keyof WindowAttrs, AttrSpec>> = {
  auto_pad: { type: 'string', default: 'NOTSET', oneOf: ['NOTSET', 'SAME_UPPER', 'SAME_LOWER', 'VALID'] },
  dilations: { type: 'ints' },
  kernel_shape: { type: 'ints' },
  pads: { type: 'ints' },
  strides: { type: 'ints' },
};

/**
 * Windows sliding over the spatial axes; every list has one entry an axis. Tap k of window o lies at
 * o * stride - padBegin + k * dilation of the input, and outside [0, input) in the padding.
 */
export interface WindowGeometry {
  readonly input: readonly number[];
  readonly output: readonly number[];
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly padsBegin: readonly number[];
  readonly padsEnd: readonly number[];
}

/**
 * Resolves attributes for an input of spatial shape `input`. With `ceil` a last window may hang over the padded end;
 * one that would lie wholly in the padding behind it is dropped.
 * @throws PathwiseError BAD_ARGUMENT or BAD_SHAPE for attributes that do not fit.
 */
export function windowGeometry(
  input: Shape,
  kernel: readonly number[],
  attrs: WindowAttrs,
  ceil = false,
): WindowGeometry {
  const rank = input.length;
  const { strides, dilations } = steps(kernel, rank, attrs);
  const given = attrs.pads ?? new Array<number>(2 * rank).fill(0);
  if (given.length !== 2 * rank || given.some((amount) => amount < 0)) {
    throw argumentError('window', 'pads', `${2 * rank} numbers >= 0`, given);
  }
  const padsBegin: number[] = [];
  const padsEnd: number[] = [];
  const output = input.map((size, i) => {
    const extent = (kernel[i] - 1) * dilations[i] + 1;
    if (attrs.auto_pad === 'SAME_UPPER' || attrs.auto_pad === 'SAME_LOWER') {
      const count = Math.ceil(size / strides[i]);
      const total = Math.max(0, (count - 1) * strides[i] + extent - size);
      const [begin, end] = splitPadding(total, attrs.auto_pad);
      padsBegin.push(begin);
      padsEnd.push(end);
      return count;
    }
    const valid = attrs.auto_pad === 'VALID';
    const begin = valid ? 0 : given[i];
    const end = valid ? 0 : given[rank + i];
    padsBegin.push(begin);
    padsEnd.push(end);
    const room = (size + begin + end - extent) / strides[i];
    let count = (ceil ? Math.ceil(room) : Math.floor(room)) + 1;
    if (ceil && (count - 1) * strides[i] >= size + begin) count--;
    if (count <= 0) {
      throw new PathwiseError(
        'BAD_SHAPE',
        `a window of ${extent} does not fit into spatial axis ${i} of size ${size} with padding ${begin} and ${end}`,
      );
    }
    return count;
  });
  for (const [what, sizes] of [
    ['windows', output],
    ['taps in a window', kernel],
  ] as const) {
    const count = sizeOf(sizes);
    if (count > MOST_WINDOWS)
      throw new PathwiseError('LIMIT_EXCEEDED', `${count} ${what}, at most ${MOST_WINDOWS} are possible`);
  }
  return { input, output, kernel, strides, dilations, padsBegin, padsEnd };
}

/** Bound on windows, and on taps in a window: files may ask for any number. */
const MOST_WINDOWS = 2 ** 26;

/** Strides and dilations, 1 by default, checked. */
export function steps(
  kernel: readonly number[],
  rank: number,
  attrs: Pick<WindowAttrs, 'strides' | 'dilations' | 'kernel_shape'>,
): { strides: readonly number[]; dilations: readonly number[] } {
  const ones = new Array<number>(rank).fill(1);
  const strides = attrs.strides ?? ones;
  const dilations = attrs.dilations ?? ones;
  for (const [name, values] of [
    ['kernel_shape', kernel],
    ['strides', strides],
    ['dilations', dilations],
  ] as const) {
    if (values.length !== rank || values.some((value) => value < 1)) {
      throw argumentError('window', name, `${rank} numbers >= 1`, values);
    }
  }
  return { strides, dilations };
}

/** Padding before and after for `total`: the odd one goes to the end with SAME_UPPER, to the beginning otherwise. */
export function splitPadding(total: number, autoPad: WindowAttrs['auto_pad']): [begin: number, end: number] {
  const half = Math.floor(total / 2);
  return autoPad === 'SAME_UPPER' ? [half, total - half] : [total - half, half];
}

/**
 * Checks that an input is [batch, channels, ...1 to 3 spatial axes].
 * @throws PathwiseError BAD_SHAPE or UNSUPPORTED_OP.
 */
export function spatialShape({ shape }: TensorType, name = 'X'): Shape {
  if (shape.length < 3) {
    throw new PathwiseError(
      'BAD_SHAPE',
      `input ${name} must be [batch, channels, ...spatial], got [${shape.join(',')}]`,
    );
  }
  if (shape.length > 5) {
    throw new PathwiseError('UNSUPPORTED_OP', `${shape.length - 2} spatial axes are not supported, at most 3 are`);
  }
  return shape.slice(2);
}

/**
 * Attributes of the ConvTranspose that is the adjoint of these windows: its output has exactly the size of their
 * input, with zeros where no window reaches.
 */
export function adjointAttrs(g: WindowGeometry): {
  strides: readonly number[];
  dilations: readonly number[];
  pads: number[];
  output_padding: number[];
} {
  const reach = reachOf(g);
  return {
    strides: g.strides,
    dilations: g.dilations,
    pads: [...g.padsBegin, ...reach.map((end, i) => Math.max(0, end - g.input[i]))],
    output_padding: reach.map((end, i) => Math.max(0, g.input[i] - end)),
  };
}

/** End of the last window on each axis, as a position of the input (may be beyond it). */
export function reachOf({ output, kernel, strides, dilations, padsBegin }: WindowGeometry): number[] {
  return output.map((count, i) => (count - 1) * strides[i] + (kernel[i] - 1) * dilations[i] + 1 - padsBegin[i]);
}

/** The same windows over three spatial axes: axes of size 1 are put in front. */
export function asVolume(g: WindowGeometry): WindowGeometry {
  const missing = 3 - g.input.length;
  const lead = (values: readonly number[], value: number): number[] => [
    ...new Array<number>(missing).fill(value),
    ...values,
  ];
  return {
    input: lead(g.input, 1),
    output: lead(g.output, 1),
    kernel: lead(g.kernel, 1),
    strides: lead(g.strides, 1),
    dilations: lead(g.dilations, 1),
    padsBegin: lead(g.padsBegin, 0),
    padsEnd: lead(g.padsEnd, 0),
  };
}
