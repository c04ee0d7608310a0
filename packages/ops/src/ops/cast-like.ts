import { float64 } from '@pathwise/model';
import type { OpDef } from '@pathwise/graph';
import { defineOp } from '../define-op.ts';
import { castData } from '../integers.ts';
import { never } from '../linearity.ts';

/** Cast to the type of the second input. */
export const castLike: OpDef = defineOp({
  name: 'CastLike',
  code: 0x0620,
  inputs: ['differentiable', 'index'],
  attrs: { saturate: { type: 'int', default: 1 } },
  relevance: 'shape',
  affine: never,
  piecewiseLinear: never,
  kinks: false,
  infer: ([x, like]) => [{ dtype: like!.dtype, shape: x!.shape }],
  forward: ([x, like]) => [castData(x!.data, like!.dtype)],
  lower: (b, { inputs: [x, like] }) => [b.emit('Cast', [x], { to: b.type(like).dtype })],
  examples: [{ name: 'to float64', inputs: [[2, 3], float64([], [0])] }],
});
