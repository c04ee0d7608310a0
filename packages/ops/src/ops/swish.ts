import type { OpDef } from '@pathwise/graph';
import { unary } from '../families/unary.ts';

/** x sigmoid(alpha x) */
export const swish: OpDef = unary<{ alpha: number }>({
  name: 'Swish',
  code: 0x014a,
  attrs: { alpha: { type: 'float', default: 1 } },
  f:
    ({ alpha }) =>
    (x) =>
      x / (1 + Math.exp(-alpha * x)),
  // s = sigmoid(alpha x); dy/dx = s + alpha y (1 - s)
  gradient(b, { x, y, dy }, { alpha }) {
    const s = b.sigmoid(alpha === 1 ? x : b.mul(x, alpha));
    const slope = b.mul(alpha === 1 ? y : b.mul(y, alpha), b.sub(1, s));
    return b.mul(dy, b.add(s, slope));
  },
  examples: [
    { name: 'SiLU', inputs: [[3, 4]] },
    { name: 'alpha 1.7', attrs: { alpha: 1.7 }, inputs: [[3, 4]] },
  ],
});
