import type { OpDef } from '@pathwise/graph';
import { unary } from '../families/unary.ts';
import { jointly } from '../linearity.ts';

export const neg: OpDef = unary({
  name: 'Neg',
  code: 0x0101,
  f: () => (x) => -x,
  gradient: (b, { dy }) => b.neg(dy),
  affine: jointly,
  relevance: 'affine',
});
