import { int64, shapeError } from '@pathwise/model';
import type { OpDef } from '@pathwise/graph';
import { normalizeAxes } from '../axes.ts';
import { constantInts } from '../constants.ts';
import { reshaping } from '../families/reshaping.ts';

/** Drops the given axes, which must have size 1; without `axes`, all of size 1. */
export const squeeze: OpDef = reshaping({
  name: 'Squeeze',
  code: 0x0602,
  parameters: ['index'],
  required: 1,
  shape(x, [axesInput]) {
    if (!axesInput) return x.filter((size) => size !== 1);
    const axes = normalizeAxes(constantInts(axesInput, 'axes'), x.length);
    if (axes.some((axis) => x[axis] !== 1))
      throw shapeError('squeeze', 'data', `with size 1 along axes ${axes.join(', ')}`, x);
    return x.filter((_, axis) => !axes.includes(axis));
  },
  examples: [
    { name: 'given axes', inputs: [[1, 3, 1, 2], int64([2], [0, -2])] },
    { name: 'all of size 1', inputs: [[1, 3, 1, 2]] },
    { name: 'one of several', inputs: [[1, 3, 1], int64([1], [2])] },
  ],
});
