import { argumentError, float32, int64 } from '@pathwise/model';
import type { OpDef } from '@pathwise/graph';
import { constantNumber } from '../constants.ts';
import { defineOp } from '../define-op.ts';
import { never } from '../linearity.ts';

/** start, start + delta, … before limit. */
export const range: OpDef = defineOp({
  name: 'Range',
  code: 0x0612,
  inputs: ['index', 'index', 'index'],
  attrs: {},
  relevance: 'stop',
  affine: never,
  piecewiseLinear: never,
  kinks: false,
  infer([startInput, limitInput, deltaInput]) {
    const start = constantNumber(startInput, 'start');
    const limit = constantNumber(limitInput, 'limit');
    const delta = constantNumber(deltaInput, 'delta');
    const count = Math.max(0, Math.ceil((limit - start) / delta));
    if (!Number.isSafeInteger(count)) throw argumentError('range', 'delta', 'a number other than 0', delta);
    return [{ dtype: startInput!.dtype, shape: [count] }];
  },
  forward([start, , delta], _attrs, [type]) {
    return [Float64Array.from({ length: type!.shape[0] }, (_, i) => start!.data[0] + i * delta!.data[0])];
  },
  examples: [
    { name: 'integers', inputs: [int64([], [3]), int64([], [9]), int64([], [3])] },
    { name: 'downwards', inputs: [int64([], [10]), int64([], [4]), int64([], [-4])] },
    { name: 'floats', inputs: [float32([], [0]), float32([], [1]), float32([], [0.25])] },
    { name: 'empty', inputs: [int64([], [3]), int64([], [3]), int64([], [1])] },
  ],
});
