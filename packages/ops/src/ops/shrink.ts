import type { OpDef } from '@pathwise/graph';
import { unary } from '../families/unary.ts';
import { jointly } from '../linearity.ts';

/** x + bias below -lambd, x - bias above lambd, 0 in between. */
export const shrink: OpDef = unary<{ bias: number; lambd: number }>({
  name: 'Shrink',
  code: 0x014c,
  attrs: { bias: { type: 'float', default: 0 }, lambd: { type: 'float', default: 0.5 } },
  f:
    ({ bias, lambd }) =>
    (x) =>
      x < -lambd ? x + bias : x > lambd ? x - bias : 0,
  gradient: (b, { x, dy }, { lambd }) => b.mask(b.greater(b.unary('Abs', x), lambd), dy),
  piecewiseLinear: jointly,
  kinks: true,
  bends: ({ lambd }) => [-lambd, lambd],
  examples: [
    { name: 'hard', inputs: [[3, 4]] },
    { name: 'soft', attrs: { bias: 1.5, lambd: 1 }, inputs: [[3, 4]] },
  ],
});
