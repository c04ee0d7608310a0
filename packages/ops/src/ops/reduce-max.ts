import type { OpDef } from '@pathwise/graph';
import { envelopeCrossings } from '../envelope.ts';
import { reduction } from '../families/reduction.ts';
import { firstWinner } from '../families/winner.ts';
import { jointly } from '../linearity.ts';

/** The largest element; the first of equal ones takes the cotangent. */
export const reduceMax: OpDef = reduction({
  name: 'ReduceMax',
  code: 0x0302,
  reduce(data, base, offsets) {
    let best = -Infinity;
    for (let k = 0; k < offsets.length; k++) {
      const v = data[base + offsets[k]];
      if (!(v <= best)) best = v;
    }
    return best;
  },
  gradient: (b, { x, dy, axes }) => b.mul(firstWinner(b, x, axes, 'ArgMax'), dy),
  piecewiseLinear: jointly,
  kinks: true,
  crossings: (from, to) => envelopeCrossings(from, to),
  relevance: 'max',
});
