import type { OpDef } from '@pathwise/graph';
import { unary } from '../families/unary.ts';
import { jointly } from '../linearity.ts';

/** x for x > alpha, else 0: it jumps at alpha. */
export const thresholdedRelu: OpDef = unary<{ alpha: number }>({
  name: 'ThresholdedRelu',
  code: 0x0144,
  attrs: { alpha: { type: 'float', default: 1 } },
  f:
    ({ alpha }) =>
    (x) =>
      x > alpha ? x : 0,
  gradient: (b, { x, dy }, { alpha }) => b.mask(b.greater(x, alpha), dy),
  piecewiseLinear: jointly,
  kinks: true,
  bends: ({ alpha }) => [alpha],
  examples: [
    { name: 'default', inputs: [[3, 4]] },
    { name: 'negative threshold', attrs: { alpha: -0.5 }, inputs: [[3, 4]] },
  ],
});
