import { PathwiseError, float32, sizeOf, tensor } from '@pathwise/model';
import type { OpDef } from '@pathwise/graph';
import { constantInts } from '../constants.ts';
import { defineOp } from '../define-op.ts';
import { jointly } from '../linearity.ts';

/** At inference it is the identity; the second output, the mask of what is kept, is all true. */
export const dropout: OpDef = defineOp({
  name: 'Dropout',
  code: 0x0131,
  inputs: ['differentiable', 'index', 'index'],
  required: 1,
  maxOutputs: 2,
  attrs: { seed: { type: 'int' } },
  relevance: 'shape',
  affine: jointly,
  piecewiseLinear: jointly,
  kinks: false,
  infer([x, , trainingMode], _attrs, outputs) {
    if (trainingMode && constantInts(trainingMode, 'training_mode')[0] !== 0) {
      throw new PathwiseError(
        'UNSUPPORTED_OP',
        'training_mode = true is not supported. Export the model for inference',
      );
    }
    const types = [
      { dtype: x!.dtype, shape: x!.shape },
      { dtype: 'bool', shape: x!.shape },
    ] as const;
    return types.slice(0, outputs);
  },
  forward: ([x]) => [x!.data.slice(), new Float64Array(sizeOf(x!.shape)).fill(1)],
  vjp: (_b, _node, [dy]) => [dy],
  examples: [
    { name: 'inference', inputs: [[2, 3]] },
    { name: 'with ratio, mode and mask', inputs: [[2, 3], float32([], [0.9]), tensor('bool', [], [0])], outputs: 2 },
  ],
});
