import { argumentError, int64, stridesOf } from '@pathwise/model';
import type { OpDef } from '@pathwise/graph';
import { defineOp } from '../define-op.ts';
import { jointlyIn } from '../linearity.ts';

type ReverseSequenceAttrs = { batch_axis: number; time_axis: number };

/** Reverses the first sequence_lens[b] elements of each sequence; the rest stays. Its own inverse. */
export const reverseSequence: OpDef = defineOp<ReverseSequenceAttrs>({
  name: 'ReverseSequence',
  code: 0x061f,
  inputs: ['differentiable', 'index'],
  attrs: { batch_axis: { type: 'int', default: 1 }, time_axis: { type: 'int', default: 0 } },
  relevance: 'shape',
  affine: jointlyIn(0),
  piecewiseLinear: jointlyIn(0),
  kinks: false,
  infer([x, lengths], { batch_axis: batchAxis, time_axis: timeAxis }) {
    if (Math.min(batchAxis, timeAxis) !== 0 || Math.max(batchAxis, timeAxis) !== 1 || x!.shape.length < 2) {
      throw argumentError('reverseSequence', 'batch_axis and time_axis', '0 and 1', [batchAxis, timeAxis]);
    }
    if (lengths!.shape[0] !== x!.shape[batchAxis]) {
      throw argumentError('reverseSequence', 'sequence_lens', `${x!.shape[batchAxis]} lengths`, lengths!.shape);
    }
    return [{ dtype: x!.dtype, shape: x!.shape }];
  },
  forward([x, lengths], { batch_axis: batchAxis, time_axis: timeAxis }) {
    const strides = stridesOf(x!.shape);
    const inner = strides[1];
    const out = x!.data.slice();
    for (let batch = 0; batch < x!.shape[batchAxis]; batch++) {
      const length = Math.min(lengths!.data[batch], x!.shape[timeAxis]);
      for (let t = 0; t < length; t++) {
        const from = batch * strides[batchAxis] + (length - 1 - t) * strides[timeAxis];
        out.set(x!.data.subarray(from, from + inner), batch * strides[batchAxis] + t * strides[timeAxis]);
      }
    }
    return [out];
  },
  vjp: (b, { inputs: [, lengths], attrs }, [dy]) => [b.emit('ReverseSequence', [dy!, lengths], attrs), null],
  examples: [
    { name: 'time first', inputs: [[4, 3, 2], int64([3], [4, 1, 2])] },
    { name: 'batch first', attrs: { batch_axis: 0, time_axis: 1 }, inputs: [[2, 5], int64([2], [3, 5])] },
  ],
});
