import { asFloats, sizeOf } from '@pathwise/model';
import type { Node } from '@pathwise/graph';
import { poolWindows, tapCounts, type PoolAttrs } from '@pathwise/ops';
import { unsupported, type Emitter } from '../emitter.ts';
import { STEP } from '../step.ts';
import type { View } from '../view.ts';
import { windowWords, type Weights } from './kernel-words.ts';
import { powerOf } from './power.ts';
import { emitProduct } from './product-step.ts';
import { first, number, type Rule } from './rule.ts';
import { pixelOrder, volumeOf, volumeWindows, withPixels } from './volume.ts';

/** Places of elements are kept as float32. */
const MOST_PLACES = 2 ** 24;

const attrsOf = (node: Node): PoolAttrs => node.attrs as unknown as PoolAttrs;

const maxPool: Rule = (e, node) => {
  const { shape } = e.type(node.inputs[0]);
  const windows = volumeWindows(poolWindows(shape, attrsOf(node)));
  if ((node.outputs[1] ?? '') !== '' && number(node, 'storage_order') !== 0) {
    throw unsupported('places counted by columns (storage_order 1) have no kernel');
  }
  if (sizeOf(shape) > MOST_PLACES) throw unsupported('its input has more than 2^24 elements');
  // A gradient asks for the places by a second node, which need not pool again.
  return e.once(`MaxPool ${node.inputs[0]} ${JSON.stringify(windows)}`, () => {
    const x = withPixels(e, first(e, node));
    const [y, places] = [0, 1].map(() => e.allocate(e.type(node.outputs[0]).shape, pixelOrder(shape.length)));
    for (let n = 0; n < shape[0]; n++) {
      const words = [x, y, places].map((view) => ({ volume: volumeOf(view, n) }));
      const base = { float: (n * sizeOf(shape)) / shape[0] };
      e.emit(STEP.maxPool, [...windowWords(windows, false), shape[1], ...words, base], [x], [y, places]);
    }
    return [y, places];
  });
};

/** All weights are 1. */
const ONE: Weights = { data: Float32Array.of(1), origin: 0, group: 0, output: 0, input: 0, tap: 0, scale: 1 };

/** Sums over the windows of a pooling, of a tensor like its input. */
function windowSums(e: Emitter, node: Node, from: View): View {
  const { shape } = e.type(node.inputs[0]);
  const windows = volumeWindows(poolWindows(shape, attrsOf(node)));
  const x = withPixels(e, from);
  const y = e.allocate(e.type(node.outputs[0]).shape, pixelOrder(shape.length));
  const ones = { windows, transposed: false, groups: shape[1], weights: ONE, bias: null };
  for (let n = 0; n < shape[0]; n++) emitProduct(e, { ...ones, x: volumeOf(x, n), y: volumeOf(y, n) });
  return y;
}

/** Sums of windows, times one over the number of elements of each. */
const averagePool: Rule = (e, node) => {
  const windows = poolWindows(e.type(node.inputs[0]).shape, attrsOf(node));
  const y = windowSums(e, node, first(e, node));
  const counts = tapCounts(windows, number(node, 'count_include_pad') === 1);
  if (counts.every((count) => count === counts[0])) return [e.map('affine', [y], 1 / counts[0])];
  const offset = e.constants.add(counts.length, (data) => data.set(counts.map((count) => 1 / count)));
  const spatial = windows.output;
  const strides = spatial.map((_, axis) => sizeOf(spatial.slice(axis + 1)));
  return [e.map('multiply', [y, { buffer: null, offset, shape: spatial, strides }])];
};

/** The p-th root of sums of p-th powers of magnitudes. */
const lpPool: Rule = (e, node) => {
  const p = number(node, 'p');
  const sums = windowSums(e, node, powerOf(e, e.map('absolute', [first(e, node)]), p));
  return [powerOf(e, sums, 1 / p)];
};

const globalLpPool: Rule = (e, node) => {
  const p = number(node, 'p');
  const x = first(e, node);
  const powers = powerOf(e, e.map('absolute', [x]), p);
  const axes = x.shape.map((_, axis) => axis).slice(2);
  return [powerOf(e, e.reduce('sum', powers, axes), 1 / p)];
};

/**
 * The gradient of a MaxPool, which graphs write as a scattering of dy to the places that the MaxPool found: gathered by
 * its windows instead. Null where the scattering is another one.
 */
export function maxPoolGradient(e: Emitter, node: Node): View | null {
  const [data, index, updates] = node.inputs;
  const places = origin(e, index);
  const pool = e.producer(places);
  if (pool?.op !== 'MaxPool' || pool.outputs[1] !== places || node.attrs['reduction'] !== 'add') return null;
  const zeros = e.graph.constants.get(data);
  if (zeros === undefined || zeros.shape.length !== 1 || asFloats(zeros.data).some((value) => value !== 0)) return null;
  const { shape } = e.type(pool.inputs[0]);
  const dyShape = e.type(pool.outputs[1]).shape;
  if (sizeOf(shape) !== zeros.data.length) return null;
  const windows = volumeWindows(poolWindows(shape, attrsOf(pool)));
  const dy = withPixels(e, e.reshape(e.view(origin(e, updates)), dyShape));
  const found = withPixels(e, e.view(places));
  const dx = e.allocate(shape, pixelOrder(shape.length));
  for (let n = 0; n < shape[0]; n++) {
    const volumes = [dx, dy, found].map((view) => ({ volume: volumeOf(view, n) }));
    const base = { float: (n * sizeOf(shape)) / shape[0] };
    e.emit(STEP.maxPoolGradient, [...windowWords(windows, false), shape[1], ...volumes, base], [dy, found], [dx]);
  }
  return dx;
}

/** The tensor that reshapes and expansions which change nothing but the shape were made from. */
function origin(e: Emitter, name: string): string {
  const maker = e.producer(name);
  const same = maker !== undefined && sizeOf(e.type(maker.inputs[0]).shape) === sizeOf(e.type(name).shape);
  return same && ['Reshape', 'Expand'].includes(maker.op) ? origin(e, maker.inputs[0]) : name;
}

export const poolingRules: Readonly<Record<string, Rule>> = {
  AveragePool: averagePool,
  GlobalLpPool: globalLpPool,
  LpPool: lpPool,
  MaxPool: maxPool,
};
