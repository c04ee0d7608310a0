import type { OpDef } from '@pathwise/graph';
import { unary } from '../families/unary.ts';
import { softplus } from '../special-functions.ts';

/** x tanh(softplus(x)). @source Misra 2020, arXiv:1908.08681, equation 1 */
export const mish: OpDef = unary({
  name: 'Mish',
  code: 0x0149,
  f: () => (x) => x * Math.tanh(softplus(x)),
  // t = tanh(softplus(x)); dy/dx = t + x (1 - t^2) sigmoid(x)
  gradient(b, { x, dy }) {
    const t = b.tanh(b.unary('Softplus', x));
    const slope = b.mul(b.sub(1, b.mul(t, t)), b.sigmoid(x));
    return b.mul(dy, b.add(t, b.mul(x, slope)));
  },
});
