import type { OpDef } from '@pathwise/graph';
import { reduction } from '../families/reduction.ts';

/** log(sum(exp(x))); the largest element is taken out first, so that nothing overflows. */
export const reduceLogSumExp: OpDef = reduction({
  name: 'ReduceLogSumExp',
  code: 0x0308,
  reduce(data, base, offsets) {
    let largest = -Infinity;
    for (let k = 0; k < offsets.length; k++) largest = Math.max(largest, data[base + offsets[k]]);
    if (!Number.isFinite(largest)) return largest;
    let sum = 0;
    for (let k = 0; k < offsets.length; k++) sum += Math.exp(data[base + offsets[k]] - largest);
    return largest + Math.log(sum);
  },
  // dy/dx = exp(x - y)
  gradient: (b, { x, y, dy }) => b.mul(dy, b.exp(b.sub(x, y))),
  lower: (b, x, sum) => b.unary('Log', sum(b.exp(x))),
  relevance: 'softmax',
});
