import { argumentError, sizeOf } from '@pathwise/model';
import type { OpDef } from '@pathwise/graph';
import { reshaping } from '../families/reshaping.ts';

type FlattenAttrs = { axis: number };

/** To a matrix: the axes before `axis` become the rows, the others the columns. */
export const flatten: OpDef = reshaping<FlattenAttrs>({
  name: 'Flatten',
  code: 0x0604,
  attrs: { axis: { type: 'int', default: 1 } },
  shape(x, _parameters, { axis }) {
    if (axis < -x.length || axis > x.length) {
      throw argumentError('flatten', 'axis', `an integer in [${-x.length}, ${x.length}]`, axis);
    }
    const at = axis < 0 ? axis + x.length : axis;
    return [sizeOf(x.slice(0, at)), sizeOf(x.slice(at))];
  },
  examples: [
    { name: 'default', inputs: [[2, 3, 4]] },
    { name: 'axis 0', attrs: { axis: 0 }, inputs: [[2, 3]] },
    { name: 'axis = rank', attrs: { axis: 2 }, inputs: [[2, 3]] },
    { name: 'negative axis', attrs: { axis: -1 }, inputs: [[2, 3, 4]] },
  ],
});
