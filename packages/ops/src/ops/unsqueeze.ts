import { int64 } from '@pathwise/model';
import type { OpDef } from '@pathwise/graph';
import { normalizeAxes } from '../axes.ts';
import { constantInts } from '../constants.ts';
import { reshaping } from '../families/reshaping.ts';

/** Inserts axes of size 1; `axes` are positions in the result. */
export const unsqueeze: OpDef = reshaping({
  name: 'Unsqueeze',
  code: 0x0603,
  parameters: ['index'],
  shape(x, [axesInput]) {
    const wanted = constantInts(axesInput, 'axes');
    const axes = normalizeAxes(wanted, x.length + wanted.length);
    const shape = [...x];
    for (const axis of axes) shape.splice(axis, 0, 1);
    return shape;
  },
  examples: [
    { name: 'both ends', inputs: [[3, 2], int64([2], [0, -1])] },
    { name: 'unsorted axes', inputs: [[3, 2], int64([3], [4, 1, 2])] },
    { name: 'of a scalar', inputs: [[], int64([1], [0])] },
  ],
});
