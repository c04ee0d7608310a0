import type { OpDef, OpExample } from '@pathwise/graph';
import { float32 } from '@pathwise/model';
import { binary } from '../families/binary.ts';
import { separatelyIn } from '../linearity.ts';

const EXAMPLES: readonly OpExample[] = [
  {
    name: 'both ways',
    inputs: [
      [2, 1, 3],
      [4, 1],
    ],
    domain: [0.5, 2],
  },
  { name: 'by a negative constant', inputs: [[2, 3], float32([3], [-2, 3, -0.5])] },
  { name: 'negative denominators', inputs: [[2, 3], []], domain: [-2, -0.5] },
];

/** On integers the quotient is truncated towards zero. */
export const div: OpDef = binary({
  name: 'Div',
  code: 0x0203,
  f: (a, b) => a / b,
  integer: (a, b) => Math.trunc(a / b),
  // d(x/y) = dx / y - (x/y) dy / y
  gradient: (b, { y, out, dout, needs }) => {
    const dx = b.div(dout, y);
    return [dx, needs[1] ? b.neg(b.mul(dx, out)) : null];
  },
  affine: separatelyIn(0),
  relevance: 'product',
  examples: EXAMPLES,
});
