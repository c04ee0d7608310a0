import type { OpDef } from '@pathwise/graph';
import { reduction } from '../families/reduction.ts';

export const reduceSumSquare: OpDef = reduction({
  name: 'ReduceSumSquare',
  code: 0x0309,
  reduce(data, base, offsets) {
    let sum = 0;
    for (let k = 0; k < offsets.length; k++) sum += data[base + offsets[k]] ** 2;
    return sum;
  },
  gradient: (b, { x, dy }) => b.mul(x, b.mul(dy, 2)),
  lower: (b, x, sum) => sum(b.mul(x, x)),
  relevance: 'product',
});
