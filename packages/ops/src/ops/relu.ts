import type { OpDef } from '@pathwise/graph';
import { unary } from '../families/unary.ts';
import { jointly } from '../linearity.ts';

/** max(x, 0); its derivative at 0 is 0. The mask is taken from the output, so that a fused producer need not keep x. */
export const relu: OpDef = unary({
  name: 'Relu',
  code: 0x0100,
  f: () => (x) => (x > 0 ? x : x === x ? 0 : x),
  gradient: (b, { y, dy }) => b.mask(b.greater(y, 0), dy),
  piecewiseLinear: jointly,
  kinks: true,
  bends: () => [0],
});
