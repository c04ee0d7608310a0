import { PathwiseError } from '@pathwise/model';
import { slice, type AxisRange } from '../../layout/along-axes.ts';
import type { Rule, Rules } from '../call.ts';
import { stridedSlice } from './strided-slice.ts';

/** A size of -1 goes to the end. */
const sliceRule: Rule = (call) => {
  const x = call.input(0);
  const [begin, size] = [call.ints(1, 'begin'), call.ints(2, 'size')];
  const ranges = x.shape.map((full, axis): AxisRange => {
    const start = begin[axis] ?? Number.NaN;
    const end = size[axis] === -1 ? full : start + (size[axis] ?? Number.NaN);
    if (!(start >= 0 && end >= start && end <= full)) {
      throw new PathwiseError(
        'BAD_SHAPE',
        `[${x.shape.join(',')}] has no slice from [${begin.join(',')}] of size [${size.join(',')}]`,
      );
    }
    return { axis, start, end };
  });
  return slice(call.l, x, ranges, call.name);
};

const reversed =
  (axesOf: (numbers: readonly number[], rank: number) => readonly number[]): Rule =>
  (call) => {
    const x = call.input(0);
    const axes = axesOf(call.ints(1, 'axes'), x.shape.length);
    return slice(
      call.l,
      x,
      axes.map((axis) => ({ axis, start: -1, end: -Infinity, step: -1 })),
      call.name,
    );
  };

export const slicingRules: Rules = {
  // Says of each axis whether it is reversed.
  Reverse: reversed((flags) => flags.flatMap((flag, axis) => (flag === 0 ? [] : [axis]))),
  ReverseV2: reversed((axes, rank) => axes.map((axis) => (axis < 0 ? axis + rank : axis))),
  Slice: sliceRule,
  StridedSlice: stridedSlice,
};
