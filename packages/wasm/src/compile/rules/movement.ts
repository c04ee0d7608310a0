import { toFloat64 } from '@pathwise/model';
import type { Node } from '@pathwise/graph';
import {
  normalizeAxis,
  partSizes,
  resolvePads,
  resolveSlices,
  sourcePositions,
  type PadAmount,
  type PadMode,
} from '@pathwise/ops';
import { unsupported, type Emitter } from '../emitter.ts';
import { storeAt } from '../fusion.ts';
import { broadcastTo, memoryOrder, sliced, transposed, type View } from '../view.ts';
import { takeAlong } from './look-up.ts';
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
  for (const [i, part] of parts.entries()) {
    const place = sliced(target, axis, at, part.shape[axis]);
    const once = node.inputs.indexOf(node.inputs[i]) === node.inputs.lastIndexOf(node.inputs[i]);
    if (!once || !storeAt(e, node.inputs[i], place)) e.mapTo(place, 'copy', [part]);
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
      amounts.reduce(
        (view, amount, axis) => takeAlong(e, view, axis, sourcePositions(view.shape[axis], amount, mode)),
        x,
      ),
    ];
  }
  return [padded(e, x, amounts, e.input(node, 2) ?? e.scalar(0))];
};

/** x with so many elements more (or fewer) before and after each axis. */
function padded(e: Emitter, x: View, amounts: readonly PadAmount[], fill: View): View {
  const cropped = amounts.reduce((view, [before, after], axis) => {
    const from = Math.max(0, -before);
    return sliced(view, axis, from, view.shape[axis] - from - Math.max(0, -after));
  }, x);
  if (amounts.every(([before, after]) => before <= 0 && after <= 0)) return cropped;
  const shape = x.shape.map((size, axis) => size + amounts[axis][0] + amounts[axis][1]);
  const target = e.allocate(shape, memoryOrder(x.strides));
  e.mapTo(target, 'copy', [fill]);
  if (cropped.shape.every((size) => size > 0)) {
    const inside = amounts.reduce(
      (view, [before], axis) => sliced(view, axis, Math.max(0, before), cropped.shape[axis]),
      target,
    );
    e.mapTo(inside, 'copy', [cropped]);
  }
  return target;
}

/** Half of what an axis is short of or has too much goes before it; of an odd number the larger half behind. */
const centerCropPad: Rule = (e, node) => {
  const x = first(e, node);
  const { shape } = e.type(node.outputs[0]);
  const amounts = shape.map((size, axis): PadAmount => {
    const difference = size - x.shape[axis];
    const before = Math.sign(difference) * Math.floor(Math.abs(difference) / 2);
    return [before, difference - before];
  });
  return [padded(e, x, amounts, e.scalar(0))];
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
  CenterCropPad: centerCropPad,
  Concat: concat,
  DepthToSpace: depthToSpace,
  Expand: (e, node) => [broadcastTo(first(e, node), e.type(node.outputs[0]).shape)],
  Flatten: reshape,
  Pad: pad,
  Reshape: reshape,
  Slice: slice,
  SpaceToDepth: spaceToDepth,
  Split: split,
  Squeeze: reshape,
  Tile: tile,
  Transpose: transpose,
  Trilu: trilu,
  Unsqueeze: reshape,
};
