import type { OpDef } from '@pathwise/graph';
import { unary } from '../families/unary.ts';

export const log: OpDef = unary({
  name: 'Log',
  code: 0x0108,
  f: () => Math.log,
  gradient: (b, { x, dy }) => b.div(dy, x),
  domain: [0.1, 3],
});
