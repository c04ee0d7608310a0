import { sizeOf } from '@pathwise/model';
import type { Attrs } from '@pathwise/graph';
import { normalizeAxes } from '@pathwise/ops';
import type { LayoutBuilder, LayoutValue } from './layout-builder.ts';

/** A reduction (ReduceMean, ReduceSum ...) over axes as written; an empty list reduces nothing. */
export function reduce(
  l: LayoutBuilder,
  op: string,
  x: LayoutValue,
  axes: readonly number[],
  keepdims: boolean,
  name?: string,
): LayoutValue {
  const rank = x.shape.length;
  const written = normalizeAxes(axes, rank);
  const held = written.map((axis) => l.axis(x, axis)).sort((a, b) => a - b);
  const attrs = { keepdims: keepdims ? 1 : 0, noop_with_empty_axes: 1 };
  const inputs = [x.ref, l.b.ints(held)];
  if (keepdims) return l.emit(op, inputs, attrs, x.layout, name);
  return l.emitOrdered(op, inputs, attrs, orderWithout(l.order(x), written), name);
}

/** ArgMax or ArgMin over one axis. */
export function argExtremum(
  l: LayoutBuilder,
  op: 'ArgMax' | 'ArgMin',
  x: LayoutValue,
  axis: number,
  name?: string,
): LayoutValue {
  const [written = 0] = normalizeAxes([axis], x.shape.length);
  const attrs = { axis: l.axis(x, axis), keepdims: 0 };
  return l.emitOrdered(op, [x.ref], attrs, orderWithout(l.order(x), [written]), name);
}

/** An op along one axis that keeps the rank (Softmax, LogSoftmax ...). */
export function alongAxis(
  l: LayoutBuilder,
  op: string,
  x: LayoutValue,
  axis: number,
  attrs: Attrs = {},
  name?: string,
): LayoutValue {
  return l.emit(op, [x.ref], { ...attrs, axis: l.axis(x, axis) }, x.layout, name);
}

/** Values joined along an axis; channels first when one of them is. */
export function concat(l: LayoutBuilder, xs: readonly LayoutValue[], axis: number, name?: string): LayoutValue {
  const layout = xs.some((x) => x.layout === 'channels-first') ? 'channels-first' : 'as-written';
  const refs = xs.map((x) => l.held(x, layout));
  const like = l.value(refs[0] as string, layout);
  return l.emit('Concat', refs, { axis: l.axis(like, axis) }, layout, name);
}

/** Parts of the sizes given along an axis; `names` of the parts. */
export function split(
  l: LayoutBuilder,
  x: LayoutValue,
  sizes: readonly number[],
  axis: number,
  names?: readonly string[],
): LayoutValue[] {
  const outputs = names ?? sizes.map(() => l.b.freshName('Split'));
  return l.apply('Split', [x.ref, l.b.ints(sizes)], { axis: l.axis(x, axis) }, x.layout, {
    name: outputs[0] as string,
    outputs,
  });
}

/** One range [start, end) with a step for an axis as written. */
export interface AxisRange {
  readonly axis: number;
  readonly start: number;
  readonly end: number;
  readonly step?: number;
}

/** Slices of axes; those that are not named stay whole. An end before the first element of a negative step is -Infinity. */
export function slice(l: LayoutBuilder, x: LayoutValue, ranges: readonly AxisRange[], name?: string): LayoutValue {
  const { b } = l;
  const kept = ranges.filter(
    ({ axis, start, end, step = 1 }) => !(start === 0 && step === 1 && end >= (x.shape.at(axis) as number)),
  );
  if (kept.length === 0) return x;
  const bound = (end: number): number => (end === -Infinity ? -(2 ** 31) : end);
  const columns = [
    kept.map(({ start }) => start),
    kept.map(({ end }) => bound(end)),
    kept.map(({ axis }) => l.axis(x, axis)),
    kept.map(({ step = 1 }) => step),
  ];
  return l.emit('Slice', [x.ref, ...columns.map((column) => b.ints(column))], {}, x.layout, name);
}

/** The order of axes (see {@link LayoutBuilder.order}) that remains when axes as written fall away. */
export function orderWithout(order: readonly number[], removed: readonly number[]): number[] {
  return order
    .filter((axis) => !removed.includes(axis))
    .map((axis) => axis - removed.filter((gone) => gone < axis).length);
}

/** Axes as written fall away; each has size 1. */
export function squeeze(l: LayoutBuilder, x: LayoutValue, axes: readonly number[], name?: string): LayoutValue {
  const written = normalizeAxes(axes, x.shape.length);
  const order = orderWithout(l.order(x), written);
  const held = written.map((axis) => l.axis(x, axis)).sort((a, b) => a - b);
  return l.emitOrdered('Squeeze', [x.ref, l.b.ints(held)], {}, order, name);
}

/** An axis of size 1 put in at a place of the result, as written. */
export function expandDims(l: LayoutBuilder, x: LayoutValue, axis: number, name?: string): LayoutValue {
  const [at = 0] = normalizeAxes([axis], x.shape.length + 1);
  const moved = l.order(x).map((old) => (old >= at ? old + 1 : old));
  // Of an image's sizes: the place in the tensor that keeps the channels second.
  const place = x.layout === 'channels-first' && at > 0 && at < x.shape.length ? at + 1 : at;
  const order = moved.toSpliced(place, 0, at);
  return l.emitOrdered('Unsqueeze', [x.ref, l.b.ints([place])], {}, order, name);
}

/** Values of one shape side by side along a new axis. */
export function stack(l: LayoutBuilder, xs: readonly LayoutValue[], axis: number, name?: string): LayoutValue {
  return concat(
    l,
    xs.map((x) => expandDims(l, x, axis)),
    axis,
    name,
  );
}

/** The elements, as written, in another shape. */
export function reshape(l: LayoutBuilder, x: LayoutValue, shape: readonly number[], name?: string): LayoutValue {
  const target = resolved(x, shape);
  if (name === undefined && target.every((size, i) => size === x.shape[i]) && target.length === x.shape.length)
    return x;
  return l.value(l.b.reshape(l.asWritten(x), target, name));
}

/** One size of -1 is what the others leave. */
function resolved(x: LayoutValue, shape: readonly number[]): number[] {
  const rest = shape.reduce((product, size) => (size === -1 ? product : product * size), 1);
  return shape.map((size) => (size === -1 ? sizeOf(x.shape) / Math.max(rest, 1) : size));
}

/** How often a pad mode repeats what is there. */
export type PadMode = 'constant' | 'reflect' | 'edge';

/** Elements added before and after each axis as written; negative amounts crop. */
export function pad(
  l: LayoutBuilder,
  x: LayoutValue,
  amounts: readonly (readonly [before: number, after: number])[],
  {
    mode = 'constant',
    value,
    name,
  }: { mode?: PadMode; value?: LayoutValue | undefined; name?: string | undefined } = {},
): LayoutValue {
  const held = l.order(x).map((axis) => amounts[axis] as readonly [number, number]);
  const pads = l.b.ints([...held.map(([before]) => before), ...held.map(([, after]) => after)]);
  const inputs = value === undefined ? [x.ref, pads] : [x.ref, pads, l.b.reshape(value.ref, [])];
  return l.emit('Pad', inputs, { mode }, x.layout, name);
}

/** The elements at constant places along an axis. */
export function takeAt(
  l: LayoutBuilder,
  x: LayoutValue,
  places: readonly number[],
  axis: number,
  name?: string,
): LayoutValue {
  return l.emit('Gather', [x.ref, l.b.ints(places)], { axis: l.axis(x, axis) }, x.layout, name);
}
