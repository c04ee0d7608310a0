import type { OpDef } from '@pathwise/graph';
import { unary } from '../families/unary.ts';

/** 1 / (1 + exp(-x)); exp may overflow to Infinity, which gives the right limit 0. */
export const sigmoid: OpDef = unary({
  name: 'Sigmoid',
  code: 0x0104,
  f: () => (x) => 1 / (1 + Math.exp(-x)),
  // dy/dx = y (1 - y)
  gradient: (b, { y, dy }) => b.mul(dy, b.mul(y, b.sub(1, y))),
});
