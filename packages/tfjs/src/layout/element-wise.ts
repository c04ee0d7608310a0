import { sizeOf } from '@pathwise/model';
import type { Attrs } from '@pathwise/graph';
import type { Layout, LayoutBuilder, LayoutValue } from './layout-builder.ts';

/** An element-wise op of one input: the layout stays. */
export function unary(l: LayoutBuilder, op: string, x: LayoutValue, attrs: Attrs = {}, name?: string): LayoutValue {
  return l.emit(op, [x.ref], attrs, x.layout, name);
}

/** An element-wise op of several inputs that broadcast: channels first when one of the full rank is. */
export function elementWise(
  l: LayoutBuilder,
  op: string,
  values: readonly LayoutValue[],
  attrs: Attrs = {},
  name?: string,
): LayoutValue {
  const { refs, layout } = aligned(l, values);
  return l.emit(op, refs, attrs, layout, name);
}

/** A scalar of the value's type, to be an operand beside it. */
export function scalarLike(l: LayoutBuilder, value: number, like: LayoutValue): LayoutValue {
  return l.value(l.b.scalar(value, l.dtype(like)));
}

/** Tensors of the values in one layout, shaped so that they broadcast by the rule of right-aligned axes. */
export function aligned(l: LayoutBuilder, values: readonly LayoutValue[]): { refs: string[]; layout: Layout } {
  const rank = Math.max(0, ...values.map(({ shape }) => shape.length));
  const first = values.some(({ layout, shape }) => layout === 'channels-first' && shape.length === rank);
  const layout = first ? 'channels-first' : 'as-written';
  return { refs: values.map((value) => (first ? alignedChannelsFirst(l, value, rank) : l.asWritten(value))), layout };
}

function alignedChannelsFirst(l: LayoutBuilder, value: LayoutValue, rank: number): string {
  const { shape } = value;
  if (shape.length === rank) return l.channelsFirst(value);
  const written = l.asWritten(value);
  if (sizeOf(shape) === 1 && shape.length < 2) return written;
  const full = [...new Array<number>(rank - shape.length).fill(1), ...shape];
  return l.channelsFirst(l.value(l.b.reshape(written, full)));
}
