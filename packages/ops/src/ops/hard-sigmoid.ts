import type { OpDef } from '@pathwise/graph';
import { unary } from '../families/unary.ts';
import { jointly } from '../linearity.ts';

/** alpha x + beta, clipped to [0, 1]; its derivative is 0 at both bounds. */
export const hardSigmoid: OpDef = unary<{ alpha: number; beta: number }>({
  name: 'HardSigmoid',
  code: 0x0145,
  attrs: { alpha: { type: 'float', default: 0.2 }, beta: { type: 'float', default: 0.5 } },
  f:
    ({ alpha, beta }) =>
    (x) =>
      Math.max(0, Math.min(1, alpha * x + beta)),
  gradient: (b, { y, dy }, { alpha }) => b.mask(b.greater(y, 0), b.mask(b.less(y, 1), b.mul(dy, alpha))),
  piecewiseLinear: jointly,
  kinks: true,
  bends: ({ alpha, beta }) => [-beta / alpha, (1 - beta) / alpha],
  examples: [
    { name: 'default', inputs: [[3, 4]], domain: [-4, 4] },
    { name: 'steep', attrs: { alpha: 0.75, beta: 0.25 }, inputs: [[3, 4]] },
  ],
});
