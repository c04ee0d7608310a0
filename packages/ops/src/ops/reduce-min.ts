import type { OpDef } from '@pathwise/graph';
import { envelopeCrossings } from '../envelope.ts';
import { reduction } from '../families/reduction.ts';
import { firstWinner } from '../families/winner.ts';
import { jointly } from '../linearity.ts';

/** The smallest element; the first of equal ones takes the cotangent. */
export const reduceMin: OpDef = reduction({
  name: 'ReduceMin',
  code: 0x0303,
  reduce(data, base, offsets) {
    let best = Infinity;
    for (let k = 0; k < offsets.length; k++) {
      const v = data[base + offsets[k]];
      if (!(v >= best)) best = v;
    }
    return best;
  },
  gradient: (b, { x, dy, axes }) => b.mul(firstWinner(b, x, axes, 'ArgMin'), dy),
  piecewiseLinear: jointly,
  kinks: true,
  crossings: (from, to) => envelopeCrossings(from, to, -1),
  relevance: 'max',
});
