import { sizeOf, toFloat64 } from '@pathwise/model';
import type { Node } from '@pathwise/graph';
import { axisMap, howOf, isIdentity, resampledAxes, type AxisMap, type ResizeAttrs } from '@pathwise/ops';
import { unsupported, type Emitter } from '../emitter.ts';
import { transposed, type View } from '../view.ts';
import { takeAlong } from './look-up.ts';
import { timesMatrix } from './products.ts';
import { first, type Rule } from './rule.ts';

/** Axis by axis: a look-up where every output is one input, else a product with the (constant) map of the axis. */
const resize: Rule = (e, node) => {
  const x = first(e, node);
  const attrs = node.attrs as unknown as ResizeAttrs;
  const [roi, scales, sizes] = [1, 2, 3].map((i) => numbers(e, node, i));
  let y = x;
  for (const [axis, resampled] of resampledAxes(x.shape, roi, scales, sizes, attrs)) {
    const map = axisMap(resampled, howOf(attrs));
    if (isIdentity(map, resampled)) continue;
    if (map.outside !== null && attrs.extrapolation_value !== 0) {
      throw unsupported('a crop that fills with another value than 0 has no kernel');
    }
    const copies = map.width === 1 && map.weights.every((weight) => weight === 1);
    y = copies ? takeAlong(e, y, axis, Array.from(map.positions)) : mapped(e, y, axis, map);
  }
  return [y === x ? e.map('copy', [x]) : y];
};

/** The roi, scales and sizes, which may be absent or empty. */
function numbers(e: Emitter, node: Node, i: number): number[] {
  const name = node.inputs[i] ?? '';
  if (name === '' || sizeOf(e.type(name).shape) === 0) return [];
  const value = e.constantOf(node, i);
  if (value === undefined) throw unsupported(`input ${i} must be constant`);
  return Array.from(toFloat64(value.data));
}

/** The axis is moved to the end, multiplied by the map's matrix, and moved back. */
function mapped(e: Emitter, x: View, axis: number, { width, positions, weights }: AxisMap): View {
  const axes = x.shape.map((_, i) => i);
  const perm = [...axes.filter((i) => i !== axis), axis];
  const count = positions.length / width;
  const matrix = new Float64Array(x.shape[axis] * count);
  for (const [at, position] of positions.entries()) matrix[position * count + Math.floor(at / width)] += weights[at];
  const y = timesMatrix(e, transposed(x, perm), count, { data: matrix, row: count, column: 1, scale: 1 }, null);
  return transposed(
    y,
    axes.map((i) => perm.indexOf(i)),
  );
}

export const resizingRules: Readonly<Record<string, Rule>> = { Resize: resize };
