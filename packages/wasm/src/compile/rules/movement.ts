import { toFloat64 } from '@pathwise/model';
import type { Node } from '@pathwise/graph';
import { normalizeAxis, partSizes, resolvePads, resolveSlices, sourcePositions, type PadMode } from '@pathwise/ops';
import { loopWords, unsupported, viewWords, type Emitter } from '../emitter.ts';
import { STEP } from '../step.ts';
import { broadcastTo, loopsOver, memoryOrder, sliced, transposed, type View } from '../view.ts';
import { maxPoolGradient } from './pooling.ts';
import { first, number, type Rule } from './rule.ts';

/** Keeps the elements in row-major order. */
const reshape: Rule = (e, node) => {
  const { shape } = e.type(node.outputs[0]);
  const x = first(e, node);
  e.keepOrigin(node.outputs[0], x);
  return [e.originOf(node.inputs[0], shape) ?? e.reshape(x, shape)];
};

const transpose: Rule = (e, node) => {
  const x = first(e, node);
  const perm =
    (node.attrs['perm'] as readonly number[] | undefined) ?? x.shape.map((_, axis) => x.shape.length - 1 - axis);
  return [transposed(x, perm)];
};

const slice: Rule = (e, node) => {
  const x = first(e, node);
  const slices = resolveSlices(
    x.shape,
    [1, 2, 3, 4].map((i) => e.integers(node, i)),
  );
  return [slices.reduce((view, { start, step, count }, axis) => sliced(view, axis, start, count, step), x)];
};

const split: Rule = (e, node) => {
  const x = first(e, node);
  const axis = normalizeAxis(number(node, 'axis'), x.shape.length);
  let at = 0;
  return partSizes(x.shape, axis, e.integers(node, 1), node.outputs.length).map((size) => {
    const part = sliced(x, axis, at, size);
    at += size;
    return part;
  });
};

const concat: Rule = (e, node) => {
  const parts = node.inputs.map((_, i) => e.input(node, i) as View);
  const { shape } = e.type(node.outputs[0]);
  const axis = normalizeAxis(number(node, 'axis'), shape.length);
  const like = parts.find(({ buffer }) => buffer !== null);
  const target = e.allocate(shape, like && memoryOrder(like.strides));
  let at = 0;
  for (const part of parts) {
    e.mapTo(sliced(target, axis, at, part.shape[axis]), 'copy', [part]);
    at += part.shape[axis];
  }
  return [target];
};

const pad: Rule = (e, node) => {
  const x = first(e, node);
  const mode = node.attrs['mode'] as PadMode;
  const amounts = resolvePads(x.shape.length, e.integers(node, 1) as number[], e.integers(node, 3));
  if (mode !== 'constant') {
    return [
      amounts.reduce((view, amount, axis) => lookUp(e, view, axis, sourcePositions(view.shape[axis], amount, mode)), x),
    ];
  }
  const { shape } = e.type(node.outputs[0]);
  const cropped = amounts.reduce((view, [before, after], axis) => {
    const from = Math.max(0, -before);
    return sliced(view, axis, from, view.shape[axis] - from - Math.max(0, -after));
  }, x);
  if (amounts.every(([before, after]) => before <= 0 && after <= 0)) return [cropped];
  const target = e.allocate(shape, memoryOrder(x.strides));
  e.mapTo(target, 'copy', [e.input(node, 2) ?? e.scalar(0)]);
  if (cropped.shape.every((size) => size > 0)) {
    const inside = amounts.reduce(
      (view, [before], axis) => sliced(view, axis, Math.max(0, before), cropped.shape[axis]),
      target,
    );
    e.mapTo(inside, 'copy', [cropped]);
  }
  return [target];
};

/** x[positions[i]] along an axis. */
function lookUp(e: Emitter, x: View, axis: number, positions: readonly number[]): View {
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
  const target = e.allocate(index.shape, memoryOrder(index.strides));
  const from = { ...x, shape: index.shape, strides: x.strides.with(axis, 0) };
  emitGather(e, target, from, index, x.shape[axis], x.strides[axis]);
  return [target];
};

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
  return [target];
};

/** Each axis is repeated as often as the second input says: an axis is put before it, broadcast and joined with it. */
const tile: Rule = (e, node) => {
  const x = first(e, node);
  const repeats = e.integers(node, 1) as number[];
  const apart = e.reshape(
    x,
    x.shape.flatMap((size) => [1, size]),
  );
  const wide = broadcastTo(
    apart,
    x.shape.flatMap((size, axis) => [repeats[axis], size]),
  );
  return [e.reshape(wide, e.type(node.outputs[0]).shape)];
};

/** Seen as `view`, its axes permuted, seen as the result. */
function rearranged(e: Emitter, node: Node, view: readonly number[], perm: readonly number[]): View[] {
  return [e.reshape(transposed(e.reshape(first(e, node), view), perm), e.type(node.outputs[0]).shape)];
}

const depthToSpace: Rule = (e, node) => {
  const [n, channels, h, w] = e.type(node.inputs[0]).shape;
  const s = number(node, 'blocksize');
  const c = channels / (s * s);
  return node.attrs['mode'] === 'DCR'
    ? rearranged(e, node, [n, s, s, c, h, w], [0, 3, 4, 1, 5, 2])
    : rearranged(e, node, [n, c, s, s, h, w], [0, 1, 4, 2, 5, 3]);
};

const spaceToDepth: Rule = (e, node) => {
  const [n, c, h, w] = e.type(node.inputs[0]).shape;
  const s = number(node, 'blocksize');
  return rearranged(e, node, [n, c, h / s, s, w / s, s], [0, 3, 5, 1, 2, 4]);
};

/** The triangle is a constant of zeros and ones to choose by. */
const trilu: Rule = (e, node) => {
  const x = first(e, node);
  const [rows, columns] = x.shape.slice(-2);
  const diagonal = e.constantOf(node, 1);
  if ((node.inputs[1] ?? '') !== '' && diagonal === undefined) throw unsupported('the diagonal must be constant');
  const k = diagonal === undefined ? 0 : toFloat64(diagonal.data)[0];
  const upper = number(node, 'upper') === 1;
  const offset = e.constants.add(rows * columns, (data) => {
    for (let i = 0; i < data.length; i++) {
      const [row, column] = [Math.floor(i / columns), i % columns];
      data[i] = Number(upper ? column >= row + k : column <= row + k);
    }
  });
  const kept = { buffer: null, offset, shape: [rows, columns], strides: [columns, 1] };
  return [e.map('choose', [kept, x, e.scalar(0)])];
};

export const movementRules: Readonly<Record<string, Rule>> = {
  Concat: concat,
  DepthToSpace: depthToSpace,
  Expand: (e, node) => [broadcastTo(first(e, node), e.type(node.outputs[0]).shape)],
  Flatten: reshape,
  Gather: gather,
  GatherElements: gatherElements,
  Pad: pad,
  Reshape: reshape,
  ScatterElements: scatterElements,
  Slice: slice,
  SpaceToDepth: spaceToDepth,
  Split: split,
  Squeeze: reshape,
  Tile: tile,
  Transpose: transpose,
  Trilu: trilu,
  Unsqueeze: reshape,
};
