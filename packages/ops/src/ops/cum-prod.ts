import type { OpDef } from '@pathwise/graph';
import { cumulative } from '../families/cumulative.ts';

export const cumProd: OpDef = cumulative({
  name: 'CumProd',
  code: 0x0313,
  start: 1,
  f: (product, x) => product * x,
  linear: false,
  relevance: 'product',
  // dx_i = sum over later j of dy_j * (product up to j without x_i). That product is y_j / x_i before the first zero
  // of the line; at the first zero it is the product with that zero replaced by 1; behind it is 0.
  vjp(b, { inputs: [x, axis], outputs: [y], attrs: { exclusive, reverse } }, [dy]) {
    const later = (t: string): string => b.emit('CumSum', [b.mul(dy!, t), axis], { exclusive, reverse: 1 - reverse });
    const isZero = b.equal(x, 0);
    const zeros = b.emit('CumSum', [b.castLike(isZero, x), axis], { reverse });
    const firstZero = b.emit('And', [isZero, b.equal(zeros, 1)]);
    const without = b.emit('CumProd', [b.where(firstZero, 1, x), axis], { exclusive, reverse });
    const atZero = b.where(firstZero, later(without), 0);
    return [b.where(b.equal(zeros, 0), b.div(later(y), b.where(isZero, 1, x)), atZero), null];
  },
});
