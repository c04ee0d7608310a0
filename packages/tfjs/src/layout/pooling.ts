import { imageOf, type DataFormat } from './convolution.ts';
import type { LayoutBuilder, LayoutValue } from './layout-builder.ts';
import { padAmounts, type Windows } from './padding.ts';

/** The largest value of each window, or the mean of its elements inside the image. */
export function pool(
  l: LayoutBuilder,
  op: 'MaxPool' | 'AveragePool',
  x: LayoutValue,
  windows: Omit<Windows, 'dilations'>,
  { format = 'channels-last', name }: { readonly format?: DataFormat; readonly name?: string | undefined } = {},
): LayoutValue {
  const { ref, layout } = imageOf(l, x, format);
  const { kernel, strides } = windows;
  const { begin, end } = padAmounts(l.b.shape(ref).slice(2), { ...windows, dilations: kernel.map(() => 1) });
  return l.emit(op, [ref], { kernel_shape: kernel, strides, pads: [...begin, ...end] }, layout, name);
}
