import { PathwiseError } from '@pathwise/model';
import type { Layout, LayoutBuilder, LayoutValue } from './layout-builder.ts';
import { padAmounts, type Windows } from './padding.ts';

/** Where the channels of an image stand in the model's file. */
export type DataFormat = 'channels-last' | 'channels-first';

/** A value as an op on images reads it, channels first, and the layout of what that op gives. */
export function imageOf(l: LayoutBuilder, x: LayoutValue, format: DataFormat): { ref: string; layout: Layout } {
  return format === 'channels-last'
    ? { ref: l.channelsFirst(x), layout: 'channels-first' }
    : { ref: l.asWritten(x), layout: 'as-written' };
}

/** Strides, dilations and padding of a convolution; the kernel's size comes from the kernel. */
export type ConvolutionWindows = Omit<Windows, 'kernel'>;

interface ConvolutionOptions {
  /** [channels out] */
  readonly bias?: LayoutValue | undefined;
  readonly format?: DataFormat;
  readonly name?: string | undefined;
}

/** A convolution with kernel [...sizes, channels in / groups, channels out]. */
export function convolution(
  l: LayoutBuilder,
  x: LayoutValue,
  kernel: LayoutValue,
  windows: ConvolutionWindows,
  options: ConvolutionOptions = {},
): LayoutValue {
  const { format = 'channels-last' } = options;
  const rank = spatialRank(x, kernel);
  const channels = x.shape[format === 'channels-last' ? rank + 1 : 1] as number;
  const perGroup = kernel.shape[rank] as number;
  if (perGroup < 1 || channels % perGroup !== 0) {
    throw new PathwiseError(
      'BAD_SHAPE',
      `a kernel of shape [${kernel.shape.join(',')}] does not fit an input of shape [${x.shape.join(',')}]`,
    );
  }
  const weights = l.transpose(kernel, [rank + 1, rank, ...spatialAxes(rank)]);
  return emitConvolution(l, x, l.asWritten(weights), channels / perGroup, windows, options);
}

/** A convolution of each channel by itself with kernel [...sizes, channels, multiplier]; output channel c * multiplier + j. */
export function depthwiseConvolution(
  l: LayoutBuilder,
  x: LayoutValue,
  kernel: LayoutValue,
  windows: ConvolutionWindows,
  options: ConvolutionOptions = {},
): LayoutValue {
  const rank = spatialRank(x, kernel);
  const [channels, multiplier] = kernel.shape.slice(rank) as [number, number];
  const apart = l.asWritten(l.transpose(kernel, [rank, rank + 1, ...spatialAxes(rank)]));
  const weights = reshaped(l, apart, [channels * multiplier, 1, ...kernel.shape.slice(0, rank)]);
  return emitConvolution(l, x, weights, channels, windows, options);
}

/**
 * A transposed convolution to spatial sizes `sizes`, with kernel [...sizes, channels out, channels in]: the adjoint of
 * the convolution of an image of those sizes. Padding is that of the convolution.
 */
export function transposedConvolution(
  l: LayoutBuilder,
  x: LayoutValue,
  kernel: LayoutValue,
  windows: ConvolutionWindows,
  { sizes, bias, format = 'channels-last', name }: ConvolutionOptions & { readonly sizes: readonly number[] },
): LayoutValue {
  const rank = spatialRank(x, kernel);
  const weights = l.asWritten(l.transpose(kernel, [rank + 1, rank, ...spatialAxes(rank)]));
  const { ref, layout } = imageOf(l, x, format);
  const shape = kernel.shape.slice(0, rank);
  const { begin, end } = padAmounts(sizes, { ...windows, kernel: shape });
  const extra = sizes.map((size, i) => {
    const reach =
      ((l.b.shape(ref)[i + 2] as number) - 1) * (windows.strides[i] as number) +
      ((shape[i] as number) - 1) * (windows.dilations[i] as number) +
      1;
    return size - (reach - (begin[i] as number) - (end[i] as number));
  });
  const attrs = { strides: windows.strides, dilations: windows.dilations, group: 1 };
  // Output that no window reaches is padded by the op itself; what lies beyond the size asked for is cropped.
  const more = extra.map((amount) => Math.max(amount, 0));
  const less = end.map((amount, i) => amount + Math.max(-(extra[i] as number), 0));
  return l.emit(
    'ConvTranspose',
    [ref, weights, bias === undefined ? null : l.asWritten(bias)],
    { ...attrs, pads: [...begin, ...less], output_padding: more },
    layout,
    name,
  );
}

function emitConvolution(
  l: LayoutBuilder,
  x: LayoutValue,
  weights: string,
  group: number,
  windows: ConvolutionWindows,
  { bias, format = 'channels-last', name }: ConvolutionOptions,
): LayoutValue {
  const { ref, layout } = imageOf(l, x, format);
  const { strides, dilations } = windows;
  const kernel = l.b.shape(weights).slice(2);
  const { begin, end } = padAmounts(l.b.shape(ref).slice(2), { ...windows, kernel });
  // Convolutions crop by no negative pads; Pad does.
  const crops = [...begin, ...end].some((amount) => amount < 0);
  const image = crops ? l.b.pad(ref, [0, 0, ...begin, 0, 0, ...end]) : ref;
  return l.emit(
    'Conv',
    [image, weights, bias === undefined ? null : l.asWritten(bias)],
    { strides, dilations, pads: crops ? [...begin, ...end].map(() => 0) : [...begin, ...end], group },
    layout,
    name,
  );
}

/** A constant keeps its array. */
function reshaped(l: LayoutBuilder, ref: string, shape: readonly number[]): string {
  const constant = l.b.constantOf(ref);
  return constant === undefined ? l.b.reshape(ref, shape) : l.b.constant({ ...constant, shape });
}

/** @throws PathwiseError BAD_SHAPE unless image and kernel have one rank, 3 or more */
function spatialRank(x: LayoutValue, kernel: LayoutValue): number {
  if (x.shape.length !== kernel.shape.length || x.shape.length < 3) {
    throw new PathwiseError(
      'BAD_SHAPE',
      `a kernel of shape [${kernel.shape.join(',')}] does not fit an input of shape [${x.shape.join(',')}]`,
    );
  }
  return x.shape.length - 2;
}

function spatialAxes(rank: number): number[] {
  return Array.from({ length: rank }, (_, i) => i);
}
