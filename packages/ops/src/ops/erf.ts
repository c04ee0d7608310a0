import type { OpDef } from '@pathwise/graph';
import { unary } from '../families/unary.ts';
import { erf as f } from '../special-functions.ts';

export const erf: OpDef = unary({
  name: 'Erf',
  code: 0x0120,
  f: () => f,
  // dy/dx = 2 / sqrt(pi) exp(-x^2)
  gradient: (b, { x, dy }) => b.mul(b.mul(dy, 2 / Math.sqrt(Math.PI)), b.exp(b.neg(b.mul(x, x)))),
});
