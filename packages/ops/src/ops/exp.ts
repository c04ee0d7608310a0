import type { OpDef } from '@pathwise/graph';
import { unary } from '../families/unary.ts';

export const exp: OpDef = unary({
  name: 'Exp',
  code: 0x0102,
  f: () => Math.exp,
  gradient: (b, { y, dy }) => b.mul(dy, y),
});
