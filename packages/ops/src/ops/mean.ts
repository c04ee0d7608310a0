import type { OpDef } from '@pathwise/graph';
import { variadic } from '../families/variadic.ts';
import { jointly } from '../linearity.ts';

export const mean: OpDef = variadic({
  name: 'Mean',
  code: 0x0209,
  f: (a, b) => a + b,
  finish: (value, count) => value / count,
  gradient(b, { inputs }, dy) {
    const share = b.div(dy, inputs.length);
    return inputs.map(() => share);
  },
  affine: jointly,
  piecewiseLinear: jointly,
  relevance: 'sum',
});
