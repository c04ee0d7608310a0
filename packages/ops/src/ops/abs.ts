import type { OpDef } from '@pathwise/graph';
import { unary } from '../families/unary.ts';
import { jointly } from '../linearity.ts';

/** Its derivative at 0 is 0, as Sign gives it. */
export const abs: OpDef = unary({
  name: 'Abs',
  code: 0x0106,
  f: () => Math.abs,
  gradient: (b, { x, dy }) => b.mul(dy, b.unary('Sign', x)),
  piecewiseLinear: jointly,
  kinks: true,
  bends: () => [0],
});
