import type { OpDef } from '@pathwise/graph';
import { unary } from '../families/unary.ts';
import { erfc } from '../special-functions.ts';

/** sqrt(2 / pi) */
const SCALE = 2 / Math.sqrt(Math.PI) / Math.SQRT2;
const CUBIC = 0.044715;

/**
 * x times the normal distribution function at x, or its approximation by tanh.
 * @source Hendrycks and Gimpel 2016, arXiv:1606.08415, section 2
 */
export const gelu: OpDef = unary<{ approximate: string }>({
  name: 'Gelu',
  code: 0x014b,
  attrs: { approximate: { type: 'string', default: 'none', oneOf: ['none', 'tanh'] } },
  f: ({ approximate }) =>
    approximate === 'tanh'
      ? (x) => 0.5 * x * (1 + Math.tanh(SCALE * (x + CUBIC * x * x * x)))
      : (x) => 0.5 * x * erfc(-x * Math.SQRT1_2),
  gradient(b, { x, dy }, { approximate }) {
    const square = b.mul(x, x);
    if (approximate === 'none') {
      // P = (1 + erf(x / sqrt 2)) / 2; dy/dx = P + x exp(-x^2 / 2) / sqrt(2 pi)
      const p = b.mul(b.add(1, b.unary('Erf', b.mul(x, Math.SQRT1_2))), 0.5);
      const density = b.mul(b.exp(b.mul(square, -0.5)), SCALE / 2);
      return b.mul(dy, b.add(p, b.mul(x, density)));
    }
    // t = tanh(s (x + c x^3)); dy/dx = (1 + t) / 2 + x (1 - t^2) s (1 + 3 c x^2) / 2
    const t = b.tanh(b.mul(b.mul(x, b.add(b.mul(square, CUBIC), 1)), SCALE));
    const inner = b.mul(b.add(b.mul(square, 3 * CUBIC), 1), SCALE / 2);
    const slope = b.mul(b.sub(1, b.mul(t, t)), inner);
    return b.mul(dy, b.add(b.mul(b.add(t, 1), 0.5), b.mul(x, slope)));
  },
  examples: [
    { name: 'exact', inputs: [[3, 4]] },
    { name: 'tanh', attrs: { approximate: 'tanh' }, inputs: [[3, 4]] },
  ],
});
