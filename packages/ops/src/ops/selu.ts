import type { OpDef } from '@pathwise/graph';
import { unary } from '../families/unary.ts';

/** gamma x for x > 0, else gamma alpha (exp(x) - 1). The defaults are those of ONNX: the constants in float32. */
export const selu: OpDef = unary<{ alpha: number; gamma: number }>({
  name: 'Selu',
  code: 0x0142,
  attrs: {
    alpha: { type: 'float', default: 1.67326319217681884765625 },
    gamma: { type: 'float', default: 1.05070102214813232421875 },
  },
  f:
    ({ alpha, gamma }) =>
    (x) =>
      x > 0 ? gamma * x : gamma * alpha * Math.expm1(x),
  // dy/dx = gamma alpha exp(x) = y + gamma alpha for x <= 0.
  gradient: (b, { x, dy, y }, { alpha, gamma }) =>
    b.where(b.greater(x, 0), b.mul(dy, gamma), b.mul(dy, b.add(y, gamma * alpha))),
  kinks: true,
  examples: [
    { name: 'default', inputs: [[3, 4]] },
    { name: 'own constants', attrs: { alpha: 2, gamma: 3 }, inputs: [[3, 4]] },
  ],
});
