import { int64 } from '@pathwise/model';
import type { OpDef } from '@pathwise/graph';
import { broadcastIndex, broadcastShapes } from '../broadcast.ts';
import { constantInts } from '../constants.ts';
import { defineOp } from '../define-op.ts';
import { take } from '../families/movement.ts';
import { jointlyIn } from '../linearity.ts';

/** Broadcasts to the common shape of the input and `shape`, which may thus be smaller in places. */
export const expand: OpDef = defineOp({
  name: 'Expand',
  code: 0x0606,
  inputs: ['differentiable', 'index'],
  attrs: {},
  relevance: 'shape',
  affine: jointlyIn(0),
  piecewiseLinear: jointlyIn(0),
  kinks: false,
  infer: ([x, shape]) => [{ dtype: x!.dtype, shape: broadcastShapes(x!.shape, constantInts(shape, 'shape')) }],
  forward: ([x], _attrs, [type]) => [take(x!.data, broadcastIndex(x!.shape, type!.shape))],
  vjp: (b, { inputs }, [dy]) => [b.sumTo(dy!, b.shape(inputs[0]))],
  examples: [
    { name: 'new and repeated axes', inputs: [[3, 1], int64([3], [2, 3, 4])] },
    { name: 'smaller wish', inputs: [[3, 1], int64([2], [1, 2])] },
    { name: 'from a scalar', inputs: [[], int64([2], [2, 3])] },
    { name: 'same shape', inputs: [[2, 3], int64([1], [1])] },
  ],
});
