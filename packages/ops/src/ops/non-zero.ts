import { tensor } from '@pathwise/model';
import type { OpDef } from '@pathwise/graph';
import { constantInts } from '../constants.ts';
import { defineOp } from '../define-op.ts';
import { never } from '../linearity.ts';

/** Coordinates of the elements that are not 0, one column an element, in row-major order. Of constants only. */
export const nonZero: OpDef = defineOp({
  name: 'NonZero',
  code: 0x061d,
  inputs: ['index'],
  attrs: {},
  relevance: 'stop',
  affine: never,
  piecewiseLinear: never,
  kinks: false,
  infer([x]) {
    const count = constantInts(x, 'X').filter((value) => value !== 0).length;
    return [{ dtype: 'int64', shape: [x!.shape.length, count] }];
  },
  forward([x], _attrs, [type]) {
    const [rank, count] = type!.shape;
    const out = new Float64Array(rank * count);
    let column = 0;
    for (let i = 0; i < x!.data.length; i++) {
      if (x!.data[i] === 0) continue;
      for (let axis = rank - 1, rest = i; axis >= 0; axis--) {
        out[axis * count + column] = rest % x!.shape[axis];
        rest = Math.floor(rest / x!.shape[axis]);
      }
      column++;
    }
    return [out];
  },
  examples: [
    { name: 'matrix', inputs: [tensor('int32', [2, 3], [0, 5, 0, 1, 0, 2])] },
    { name: 'none', inputs: [tensor('bool', [2], [0, 0])] },
  ],
});
