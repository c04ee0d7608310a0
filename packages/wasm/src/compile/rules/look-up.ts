import { sizeOf, toFloat64 } from '@pathwise/model';
import type { Node } from '@pathwise/graph';
import { normalizeAxis, tupleOffsets } from '@pathwise/ops';
import { loopWords, unsupported, viewWords, type Emitter } from '../emitter.ts';
import { STEP } from '../step.ts';
import { loopsOver, memoryOrder, type View } from '../view.ts';
import { maxPoolGradient } from './pooling.ts';
import { first, number, type Rule } from './rule.ts';

/** x[positions[i]] along an axis. */
export function takeAlong(e: Emitter, x: View, axis: number, positions: readonly number[]): View {
  if (positions.length === x.shape[axis] && positions.every((at, i) => at === i)) return x;
  const offset = e.constants.add(positions.length, (data) => data.set(positions));
  const index = { buffer: null, offset, shape: [positions.length], strides: [1] };
  return gatherAlong(e, x, axis, index);
}

/** Slices of x along `axis` at the places of `index`, whose axes take the place of that axis. */
function gatherAlong(e: Emitter, x: View, axis: number, index: View): View {
  const shape = x.shape.toSpliced(axis, 1, ...index.shape);
  const count = index.shape.length;
  const target = e.allocate(shape);
  const from = { ...x, shape, strides: x.strides.toSpliced(axis, 1, ...new Array<number>(count).fill(0)) };
  const around = shape.map((_, i) => (i >= axis && i < axis + count ? index.strides[i - axis] : 0));
  emitGather(e, target, from, { ...index, shape, strides: around }, x.shape[axis], x.strides[axis]);
  return target;
}

function emitGather(e: Emitter, target: View, x: View, index: View, size: number, stride: number): void {
  const { sizes, strides } = loopsOver(target.shape, [target.strides, x.strides, index.strides]);
  const views = [target, x, index].flatMap((view, i) => viewWords(view, strides[i]));
  e.emit(STEP.gather, [size, stride, ...loopWords(sizes), ...views], [x, index], [target]);
}

const gather: Rule = (e, node) => {
  const x = first(e, node);
  return [gatherAlong(e, x, normalizeAxis(number(node, 'axis'), x.shape.length), e.input(node, 1) as View)];
};

const gatherElements: Rule = (e, node) => {
  const x = first(e, node);
  const index = e.input(node, 1) as View;
  const axis = normalizeAxis(number(node, 'axis'), x.shape.length);
  return [gatherWhere(e, x, axis, index)];
};

/** x at the places along `axis` that `index`, of the shape of the result, says. */
export function gatherWhere(e: Emitter, x: View, axis: number, index: View): View {
  const target = e.allocate(index.shape, memoryOrder(index.strides));
  const from = { ...x, shape: index.shape, strides: x.strides.with(axis, 0) };
  emitGather(e, target, from, index, x.shape[axis], x.strides[axis]);
  return target;
}

const SCATTERINGS = ['none', 'add', 'mul', 'max', 'min'];

const scatterElements: Rule = (e, node) => {
  const pooled = maxPoolGradient(e, node);
  if (pooled !== null) {
    e.keepOrigin(node.outputs[0], pooled);
    return [e.reshape(pooled, e.type(node.outputs[0]).shape)];
  }
  const x = first(e, node);
  const [index, updates] = [e.input(node, 1) as View, e.input(node, 2) as View];
  const axis = normalizeAxis(number(node, 'axis'), x.shape.length);
  return [scattered(e, node, { x, index, updates, axis })];
};

/** A copy of x in which the elements along an axis that `index` points to are combined with the updates. */
function scattered(
  e: Emitter,
  node: Node,
  { x, index, updates, axis }: { x: View; index: View; updates: View; axis: number },
): View {
  const target = e.allocate(x.shape, memoryOrder(x.strides));
  e.mapTo(target, 'copy', [x]);
  const to = { ...target, shape: index.shape, strides: target.strides.with(axis, 0) };
  // In row-major order, as the op defines which of several updates of one element comes last.
  const rowMajor = e.allocate(index.shape).strides;
  const { sizes, strides } = loopsOver(index.shape, [rowMajor, to.strides, updates.strides, index.strides]);
  const views = [to, updates, index].flatMap((view, i) => viewWords(view, strides[i + 1]));
  const how = SCATTERINGS.indexOf(node.attrs['reduction'] as string);
  const words = [how, x.shape[axis], target.strides[axis], ...loopWords(sizes), ...views];
  e.emit(STEP.scatter, words, [target, updates, index], [target]);
  return target;
}

/** Slices that tuples of known indices point to: the data are seen as rows of slices, the tuples as numbers of rows. */
interface Slices {
  /** x as [rows, size of a slice]. */
  readonly rows: View;
  /** Number of the row of each tuple. */
  readonly index: View;
  readonly inner: number;
}

function slicesOf(e: Emitter, node: Node, batchDims: number): Slices {
  const indices = e.constantOf(node, 1);
  if (indices === undefined) throw unsupported('its indices must be constant');
  const x = first(e, node);
  const inner = sizeOf(x.shape.slice(batchDims + (indices.shape.at(-1) as number)));
  const offsets = tupleOffsets(x.shape, { shape: indices.shape, data: toFloat64(indices.data) }, batchDims);
  const offset = e.constants.add(offsets.length, (data) => data.set(offsets.map((at) => at / inner)));
  const index = { buffer: null, offset, shape: [offsets.length], strides: [1] };
  return { rows: e.reshape(x, [sizeOf(x.shape) / inner, inner]), index, inner };
}

const gatherND: Rule = (e, node) => {
  const { rows, index } = slicesOf(e, node, number(node, 'batch_dims'));
  return [e.reshape(gatherAlong(e, rows, 0, index), e.type(node.outputs[0]).shape)];
};

const scatterND: Rule = (e, node) => {
  const { rows, index, inner } = slicesOf(e, node, 0);
  const shape = [index.shape[0], inner];
  const everywhere = { ...index, shape, strides: [1, 0] };
  const updates = e.reshape(e.input(node, 2) as View, shape);
  return [
    e.reshape(scattered(e, node, { x: rows, index: everywhere, updates, axis: 0 }), e.type(node.outputs[0]).shape),
  ];
};

export const lookUpRules: Readonly<Record<string, Rule>> = {
  Gather: gather,
  GatherElements: gatherElements,
  GatherND: gatherND,
  ScatterElements: scatterElements,
  ScatterND: scatterND,
};
