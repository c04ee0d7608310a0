import type { OpDef } from '@pathwise/graph';
import { unary } from '../families/unary.ts';
import { jointly } from '../linearity.ts';

/** x for x > 0, else alpha x; its derivative at 0 is alpha. */
export const leakyRelu: OpDef = unary<{ alpha: number }>({
  name: 'LeakyRelu',
  code: 0x0140,
  attrs: { alpha: { type: 'float', default: 0.01 } },
  f:
    ({ alpha }) =>
    (x) =>
      x < 0 ? alpha * x : x,
  // The output has the sign of x unless alpha is negative.
  gradient: (b, { x, y, dy }, { alpha }) => b.where(b.greater(alpha >= 0 ? y : x, 0), dy, b.mul(dy, alpha)),
  piecewiseLinear: jointly,
  kinks: true,
  bends: () => [0],
  examples: [
    { name: 'default', inputs: [[3, 4]] },
    { name: 'steep', attrs: { alpha: 0.3 }, inputs: [[3, 4]] },
    { name: 'negative alpha', attrs: { alpha: -0.5 }, inputs: [[3, 4]] },
  ],
});
