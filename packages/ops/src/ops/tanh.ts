import type { OpDef } from '@pathwise/graph';
import { unary } from '../families/unary.ts';

export const tanh: OpDef = unary({
  name: 'Tanh',
  code: 0x0105,
  f: () => Math.tanh,
  // dy/dx = 1 - y^2
  gradient: (b, { y, dy }) => b.mul(dy, b.sub(1, b.mul(y, y))),
});
