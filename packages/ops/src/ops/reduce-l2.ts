import type { OpDef } from '@pathwise/graph';
import { reduction } from '../families/reduction.ts';

/** Euclidean norm. Its gradient at 0 counts as 0, as that of |x|. */
export const reduceL2: OpDef = reduction({
  name: 'ReduceL2',
  code: 0x0306,
  reduce(data, base, offsets) {
    let sum = 0;
    for (let k = 0; k < offsets.length; k++) sum += data[base + offsets[k]] ** 2;
    return Math.sqrt(sum);
  },
  // dy/dx = x / y
  gradient: (b, { x, y, dy }) => b.mul(x, b.div(dy, b.where(b.equal(y, 0), 1, y))),
  kinks: true,
  lower: (b, x, sum) => b.sqrt(sum(b.mul(x, x))),
  relevance: 'normalization',
});
