import { float32, int64 } from '@pathwise/model';
import type { OpDef } from '@pathwise/graph';
import { binary } from '../families/binary.ts';

/** x to the power y. The derivative by y needs x >= 0; at x = 0 it is 0. */
export const pow: OpDef = binary({
  name: 'Pow',
  code: 0x0205,
  f: (a, b) => (b === 2 ? a * a : a ** b),
  integer: (a, b) => Math.trunc(a ** b),
  // d(x^y) = y x^(y-1) dx + x^y log(x) dy
  gradient(b, { x, y, out, dout, needs }) {
    const exponent = b.castLike(y, x);
    // y = 0 gives y x = 0 rather than 0 * 1/x, which is NaN at x = 0.
    const lower = b.where(b.equal(exponent, 0), 1, b.sub(exponent, 1));
    const base = b.where(b.equal(x, 0), 1, x);
    return [
      needs[0] ? b.mul(b.mul(dout, exponent), b.pow(x, lower)) : null,
      needs[1] ? b.castLike(b.mul(b.mul(dout, out), b.unary('Log', base)), y) : null,
    ];
  },
  relevance: 'product',
  examples: [
    { name: 'square', inputs: [[2, 3], float32([], [2])] },
    { name: 'integer exponents', inputs: [[2, 3], int64([3], [0, 1, 3])] },
    { name: 'negative and broken exponents', inputs: [[2, 3], float32([3], [-1.5, 0.5, 2.5])], domain: [0.5, 2] },
    { name: 'exponent that moves', inputs: [float32([2, 1], [0.5, 3]), [1, 3]] },
    {
      name: 'both move',
      inputs: [
        [2, 1, 3],
        [4, 1],
      ],
      domain: [0.5, 2],
    },
  ],
});
