import { sizeOf } from '@pathwise/model';
import { normalizeAxis } from '@pathwise/ops';
import { loopWords, unsupported, viewWords, type Emitter } from '../emitter.ts';
import { STEP } from '../step.ts';
import { loopsOver, sliced, type View } from '../view.ts';
import { gatherWhere } from './look-up.ts';
import { first, number, type Rule } from './rule.ts';

/** Ranks that native/ops/top_k.c looks for. */
const MOST_RANKS = 64;

const topK: Rule = (e, node) => {
  const x = first(e, node);
  const axis = normalizeAxis(number(node, 'axis'), x.shape.length);
  const [k] = e.integers(node, 1) as number[];
  if (k > MOST_RANKS) throw unsupported(`${k} ranks; its kernel takes ${MOST_RANKS}`);
  const shape = x.shape.with(axis, k);
  const [values, places] = [e.allocate(shape), e.allocate(shape)];
  const views = [x, values, places];
  const { sizes, strides } = loopsOver(
    x.shape.with(axis, 1),
    views.map((view) => view.strides),
  );
  const along = views.map((view) => view.strides[axis]);
  const words = [number(node, 'largest') === 1 ? 0 : 1, k, x.shape[axis], ...along, ...loopWords(sizes)];
  e.emit(STEP.topK, [...words, ...views.flatMap((view, i) => viewWords(view, strides[i]))], [x], [values, places]);
  return [values, places];
};

/** 0, 1, 2, … along one axis of a tensor of `rank` axes. */
function counting(e: Emitter, size: number, axis: number, rank: number): View {
  const offset = e.constants.add(size, (data) => data.forEach((_, i) => void (data[i] = i)), `counting:${size}`);
  const at = (value: number, other: number): number[] => new Array<number>(rank).fill(other).with(axis, value);
  return { buffer: null, offset, shape: at(size, 1), strides: at(1, 0) };
}

/** One where the first of the largest elements is, else zero. */
const hardmax: Rule = (e, node) => {
  const x = first(e, node);
  const axis = normalizeAxis(number(node, 'axis'), x.shape.length);
  const place = e.reduce('firstLargest', x, [axis]);
  return [e.map('equal', [place, counting(e, x.shape[axis], axis, x.shape.length)])];
};

/** values[1] where the index is the place along the new axis, else values[0]; negative indices count from the end. */
const oneHot: Rule = (e, node) => {
  const { shape } = e.type(node.outputs[0]);
  const axis = normalizeAxis(number(node, 'axis'), shape.length);
  const index = e.reshape(first(e, node), shape.with(axis, 1));
  const depth = shape[axis];
  const [off, on] = [0, 1].map((i) => sliced(e.input(node, 2) as View, 0, i, 1));
  const places = counting(e, depth, axis, shape.length);
  const fromEnd = e.map('affine', [places], 1, -depth);
  const hot = e.map('or', [e.map('equal', [index, places]), e.map('equal', [index, fromEnd])]);
  return [e.map('choose', [hot, on, off])];
};

/** The first elements of each example, as many as its length says, in reverse order. */
const reverseSequence: Rule = (e, node) => {
  const x = first(e, node);
  const [batch, time] = [number(node, 'batch_axis'), number(node, 'time_axis')];
  const lengths = e.integers(node, 1) as number[];
  const [examples, steps] = [x.shape[batch], x.shape[time]];
  const offset = e.constants.add(examples * steps, (data) => {
    for (let n = 0; n < examples; n++)
      for (let t = 0; t < steps; t++) data[n * steps + t] = t < lengths[n] ? Math.min(lengths[n], steps) - 1 - t : t;
  });
  const strides = x.shape.map((_, axis) => (axis === batch ? steps : axis === time ? 1 : 0));
  return [gatherWhere(e, x, time, { buffer: null, offset, shape: x.shape, strides })];
};

/** x[i] of the condition's ones, along an axis or of all elements. */
const compress: Rule = (e, node) => {
  const x = first(e, node);
  const kept = (e.integers(node, 1) as number[]).flatMap((value, i) => (value === 0 ? [] : [i]));
  const axis = node.attrs['axis'] as number | undefined;
  const from = axis === undefined ? e.reshape(x, [sizeOf(x.shape)]) : x;
  const along = axis === undefined ? 0 : normalizeAxis(axis, x.shape.length);
  const offset = e.constants.add(kept.length, (data) => data.set(kept));
  const shape = from.shape.with(along, kept.length);
  const strides = shape.map((_, i) => (i === along ? 1 : 0));
  return [gatherWhere(e, from, along, { buffer: null, offset, shape, strides })];
};

export const selectionRules: Readonly<Record<string, Rule>> = {
  Compress: compress,
  Hardmax: hardmax,
  OneHot: oneHot,
  ReverseSequence: reverseSequence,
  TopK: topK,
};
