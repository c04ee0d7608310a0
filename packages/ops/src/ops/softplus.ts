import type { OpDef } from '@pathwise/graph';
import { unary } from '../families/unary.ts';
import { softplus as f } from '../special-functions.ts';

/** log(1 + exp(x)) */
export const softplus: OpDef = unary({
  name: 'Softplus',
  code: 0x0147,
  f: () => f,
  gradient: (b, { x, dy }) => b.mul(dy, b.sigmoid(x)),
});
