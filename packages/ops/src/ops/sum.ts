import type { OpDef } from '@pathwise/graph';
import { variadic } from '../families/variadic.ts';
import { jointly } from '../linearity.ts';

export const sum: OpDef = variadic({
  name: 'Sum',
  code: 0x0204,
  f: (a, b) => a + b,
  gradient: (_b, { inputs }, dy) => inputs.map(() => dy),
  affine: jointly,
  piecewiseLinear: jointly,
  relevance: 'sum',
});
