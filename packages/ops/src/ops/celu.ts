import type { OpDef } from '@pathwise/graph';
import { unary } from '../families/unary.ts';

/** x for x > 0, else alpha (exp(x / alpha) - 1): continuously differentiable. */
export const celu: OpDef = unary<{ alpha: number }>({
  name: 'Celu',
  code: 0x0143,
  attrs: { alpha: { type: 'float', default: 1 } },
  f:
    ({ alpha }) =>
    (x) =>
      x > 0 ? x : alpha * Math.expm1(x / alpha),
  // dy/dx = exp(x / alpha) = y / alpha + 1 for x <= 0; the output has the sign of x.
  gradient: (b, { y, dy }, { alpha }) => b.where(b.greater(y, 0), dy, b.mul(dy, b.add(b.div(y, alpha), 1))),
  examples: [
    { name: 'default', inputs: [[3, 4]] },
    { name: 'alpha 2', attrs: { alpha: 2 }, inputs: [[3, 4]] },
  ],
});
