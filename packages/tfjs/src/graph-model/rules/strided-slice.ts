import { PathwiseError, type Shape } from '@pathwise/model';
import { expandDims, slice, squeeze, type AxisRange } from '../../layout/along-axes.ts';
import type { Rule } from '../call.ts';

/** The masks: bit i is about entry i of begin, end and strides. */
export interface SliceMasks {
  readonly begin: number;
  readonly end: number;
  readonly ellipsis: number;
  readonly newAxis: number;
  readonly shrinkAxis: number;
}

/** What a strided slice comes to: ranges of axes, then axes that fall away, then axes of size 1 that come in. */
export interface SlicePlan {
  readonly ranges: readonly AxisRange[];
  readonly dropped: readonly number[];
  /** Places in the result, ascending. */
  readonly inserted: readonly number[];
}

/**
 * Resolves the entries of a strided slice against a shape, as an index expression of NumPy.
 * @throws PathwiseError BAD_SHAPE for too many entries, a stride of 0 or an index outside of its axis
 * @source TensorFlow, documentation of tf.strided_slice
 */
export function planStridedSlice(
  shape: Shape,
  begin: readonly number[],
  end: readonly number[],
  strides: readonly number[],
  masks: SliceMasks,
): SlicePlan {
  const has = (mask: number, i: number): boolean => ((mask >> i) & 1) === 1;
  const isNew = (i: number): boolean => has(masks.newAxis, i) && !has(masks.ellipsis, i);
  const entries = begin.map((_, i) => i);
  if (begin.length !== end.length || begin.length !== strides.length || begin.length > 31) {
    throw new PathwiseError('BAD_SHAPE', 'begin, end and strides must be of one length, at most 31');
  }
  const ellipses = entries.filter((i) => has(masks.ellipsis, i));
  if (ellipses.length > 1) throw new PathwiseError('BAD_SHAPE', 'ellipsis_mask may have one bit only');
  const plan = { ranges: [] as AxisRange[], dropped: [] as number[], inserted: [] as number[] };
  const named = entries.filter((i) => !isNew(i) && !has(masks.ellipsis, i)).length;
  if (named > shape.length) {
    throw new PathwiseError('BAD_SHAPE', `${named} entries slice a tensor of shape [${shape.join(',')}]`);
  }
  // Axes behind the last entry stay whole, as if an ellipsis stood there.
  let axis = 0;
  let place = 0;
  for (const i of entries) {
    if (has(masks.ellipsis, i)) {
      axis += shape.length - named;
      place += shape.length - named;
    } else if (isNew(i)) {
      plan.inserted.push(place++);
    } else if (has(masks.shrinkAxis, i)) {
      plan.ranges.push(element(axis, shape[axis] as number, begin[i] as number));
      plan.dropped.push(axis++);
    } else {
      const ends = {
        start: has(masks.begin, i) ? undefined : begin[i],
        end: has(masks.end, i) ? undefined : end[i],
      };
      plan.ranges.push(range(axis, shape[axis] as number, ends, strides[i] as number));
      axis++;
      place++;
    }
  }
  return plan;
}

function element(axis: number, size: number, index: number): AxisRange {
  const at = index < 0 ? index + size : index;
  if (at < 0 || at >= size) {
    throw new PathwiseError('BAD_SHAPE', `index ${index} lies outside of axis ${axis} of size ${size}`);
  }
  return { axis, start: at, end: at + 1 };
}

/** Ends beyond the axis are cut to it, in the direction of the stride. */
function range(
  axis: number,
  size: number,
  ends: { readonly start: number | undefined; readonly end: number | undefined },
  step: number,
): AxisRange {
  if (step === 0) throw new PathwiseError('BAD_SHAPE', `the stride of axis ${axis} is 0`);
  const [low, high] = step > 0 ? [0, size] : [-1, size - 1];
  const cut = (at: number): number => Math.min(Math.max(at < 0 ? at + size : at, low), high);
  const start = ends.start === undefined ? (step > 0 ? low : high) : cut(ends.start);
  const end = ends.end === undefined ? (step > 0 ? high : low) : cut(ends.end);
  // Nothing is left: an empty range that reads the same in every engine.
  if (step > 0 ? start >= end : start <= end) return { axis, start: 0, end: 0 };
  return { axis, start, end: end === -1 ? -Infinity : end, step };
}

export const stridedSlice: Rule = (call) => {
  const { l, attrs, name } = call;
  const x = call.input(0);
  const plan = planStridedSlice(x.shape, call.ints(1, 'begin'), call.ints(2, 'end'), call.ints(3, 'strides'), {
    begin: attrs.int('begin_mask', 0),
    end: attrs.int('end_mask', 0),
    ellipsis: attrs.int('ellipsis_mask', 0),
    newAxis: attrs.int('new_axis_mask', 0),
    shrinkAxis: attrs.int('shrink_axis_mask', 0),
  });
  const last = plan.inserted.length - 1;
  const nameOf = (step: boolean): string | undefined => (step ? name : undefined);
  const taken = slice(l, x, plan.ranges, nameOf(plan.dropped.length === 0 && last < 0));
  const kept = plan.dropped.length === 0 ? taken : squeeze(l, taken, plan.dropped, nameOf(last < 0));
  return plan.inserted.reduce((value, place, i) => expandDims(l, value, place, nameOf(i === last)), kept);
};
