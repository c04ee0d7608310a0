import type { OpDef } from '@pathwise/graph';
import { reduction } from '../families/reduction.ts';
import { jointly } from '../linearity.ts';

/** Sum of absolute values. */
export const reduceL1: OpDef = reduction({
  name: 'ReduceL1',
  code: 0x0305,
  reduce(data, base, offsets) {
    let sum = 0;
    for (let k = 0; k < offsets.length; k++) sum += Math.abs(data[base + offsets[k]]);
    return sum;
  },
  gradient: (b, { x, dy }) => b.mul(dy, b.unary('Sign', x)),
  piecewiseLinear: jointly,
  kinks: true,
  crossings(from, to) {
    const places: number[] = [];
    for (let k = 0; k < from.length; k++) if (from[k] * to[k] < 0) places.push(from[k] / (from[k] - to[k]));
    return places;
  },
  lower: (b, x, sum) => sum(b.unary('Abs', x)),
  relevance: 'normalization',
});
