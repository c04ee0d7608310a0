import type { OpDef } from '@pathwise/graph';
import { unary } from '../families/unary.ts';

/** x for x > 0, else alpha (exp(x) - 1). */
export const elu: OpDef = unary<{ alpha: number }>({
  name: 'Elu',
  code: 0x0141,
  attrs: { alpha: { type: 'float', default: 1 } },
  f:
    ({ alpha }) =>
    (x) =>
      x > 0 ? x : alpha * Math.expm1(x),
  // dy/dx = alpha exp(x) = y + alpha for x <= 0. The output has the sign of x unless alpha is negative.
  gradient: (b, { x, y, dy }, { alpha }) => b.where(b.greater(alpha >= 0 ? y : x, 0), dy, b.mul(dy, b.add(y, alpha))),
  kinks: true,
  examples: [
    { name: 'default', inputs: [[3, 4]] },
    { name: 'alpha 0.5', attrs: { alpha: 0.5 }, inputs: [[3, 4]] },
    { name: 'negative alpha', attrs: { alpha: -0.5 }, inputs: [[3, 4]] },
  ],
});
