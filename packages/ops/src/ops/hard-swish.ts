import type { OpDef } from '@pathwise/graph';
import { unary } from '../families/unary.ts';

/** x times its hard sigmoid with alpha = 1/6, beta = 1/2. The gate counts as constant at its bounds. */
export const hardSwish: OpDef = unary({
  name: 'HardSwish',
  code: 0x0146,
  f: () => (x) => x * Math.max(0, Math.min(1, x / 6 + 0.5)),
  // dy/dx = h + x h', h' = 1/6 where 0 < h < 1
  gradient(b, { x, dy }) {
    const gate = b.unary('HardSigmoid', x, { alpha: 1 / 6, beta: 0.5 });
    const slope = b.mask(b.greater(gate, 0), b.mask(b.less(gate, 1), b.div(x, 6)));
    return b.mul(dy, b.add(gate, slope));
  },
  kinks: true,
  examples: [
    { name: 'over both bounds', inputs: [[3, 4]], domain: [-5, 5] },
    { name: 'scalar', inputs: [[]] },
  ],
});
