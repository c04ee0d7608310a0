import type { OpDef } from '@pathwise/graph';
import { reduction } from '../families/reduction.ts';

/** Logarithm of the sum. */
export const reduceLogSum: OpDef = reduction({
  name: 'ReduceLogSum',
  code: 0x0307,
  reduce(data, base, offsets) {
    let sum = 0;
    for (let k = 0; k < offsets.length; k++) sum += data[base + offsets[k]];
    return Math.log(sum);
  },
  // dy/dx = 1 / exp(y)
  gradient: (b, { y, dy }) => b.div(dy, b.exp(y)),
  lower: (b, x, sum) => b.unary('Log', sum(x)),
  relevance: 'softmax',
  domain: [0.2, 3],
});
