import type { OpDef } from '@pathwise/graph';
import { unary } from '../families/unary.ts';

export const reciprocal: OpDef = unary({
  name: 'Reciprocal',
  code: 0x0107,
  f: () => (x) => 1 / x,
  // dy/dx = -y^2
  gradient: (b, { y, dy }) => b.neg(b.mul(dy, b.mul(y, y))),
  examples: [
    { name: 'positive', inputs: [[2, 3]], domain: [0.3, 2] },
    { name: 'negative', inputs: [[]], domain: [-2, -0.3] },
  ],
});
