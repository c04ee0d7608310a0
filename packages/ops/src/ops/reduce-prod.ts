import type { OpDef } from '@pathwise/graph';
import { reduction } from '../families/reduction.ts';

export const reduceProd: OpDef = reduction({
  name: 'ReduceProd',
  code: 0x0304,
  reduce(data, base, offsets) {
    let product = 1;
    for (let k = 0; k < offsets.length; k++) product *= data[base + offsets[k]];
    return product;
  },
  // dy/dx_i is the product of the others. p: product of the non-zero elements. It is p / x_i if none is zero, p for
  // the zero one if there is one, else 0: the number of zeros equals [x_i = 0] in the first two cases only.
  gradient(b, { x, dy, axes }) {
    const isZero = b.equal(x, 0);
    const safe = b.where(isZero, 1, x);
    const product = b.emit('ReduceProd', [safe, b.ints(axes)], { noop_with_empty_axes: 1 });
    const zeros = b.castLike(isZero, x);
    const count = b.emit('ReduceSum', [zeros, b.ints(axes)], { noop_with_empty_axes: 1 });
    return b.where(b.equal(count, zeros), b.div(b.mul(dy, product), safe), 0);
  },
  relevance: 'product',
});
