import type { OpDef } from '@pathwise/graph';
import { unary } from '../families/unary.ts';

export const sqrt: OpDef = unary({
  name: 'Sqrt',
  code: 0x0103,
  f: () => Math.sqrt,
  // dy/dx = 1 / (2 sqrt(x))
  gradient: (b, { y, dy }) => b.div(dy, b.add(y, y)),
  domain: [0.1, 3],
});
