import type { OpDef } from '@pathwise/graph';
import { unary } from '../families/unary.ts';

/** x / (1 + |x|) */
export const softsign: OpDef = unary({
  name: 'Softsign',
  code: 0x0148,
  f: () => (x) => x / (1 + Math.abs(x)),
  // dy/dx = 1 / (1 + |x|)^2
  gradient(b, { x, dy }) {
    const d = b.add(1, b.unary('Abs', x));
    return b.div(dy, b.mul(d, d));
  },
});
