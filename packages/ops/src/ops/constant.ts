import { float32, int64, sizeOf, tensor, toFloat64, type Tensor } from '@pathwise/model';
import type { OpDef } from '@pathwise/graph';
import { constantInts } from '../constants.ts';
import { defineOp } from '../define-op.ts';
import { jointly } from '../linearity.ts';

type ConstantAttrs = { value: Tensor };

export const constant: OpDef = defineOp<ConstantAttrs>({
  name: 'Constant',
  code: 0x0610,
  inputs: [],
  attrs: { value: { type: 'tensor', required: true } },
  relevance: 'stop',
  affine: jointly,
  piecewiseLinear: jointly,
  kinks: false,
  infer: (_inputs, { value }) => [{ dtype: value.dtype, shape: value.shape }],
  forward: (_inputs, { value }) => [Float64Array.from(toFloat64(value.data))],
  examples: [{ name: 'vector', attrs: { value: float32([3], [1, -2, 0.5]) }, inputs: [] }],
});

/** A tensor of the given shape, filled with the one element of `value`. */
export const constantOfShape: OpDef = defineOp<ConstantAttrs>({
  name: 'ConstantOfShape',
  code: 0x0611,
  inputs: ['index'],
  attrs: { value: { type: 'tensor', default: float32([1], [0]) } },
  relevance: 'stop',
  affine: jointly,
  piecewiseLinear: jointly,
  kinks: false,
  infer: ([shape], { value }) => [{ dtype: value.dtype, shape: constantInts(shape, 'input') }],
  forward: (_inputs, { value }, [type]) => [new Float64Array(sizeOf(type!.shape)).fill(toFloat64(value.data)[0])],
  examples: [
    { name: 'zeros', inputs: [int64([2], [2, 3])] },
    { name: 'integers', attrs: { value: tensor('int64', [1], [7]) }, inputs: [int64([1], [4])] },
    { name: 'scalar', inputs: [int64([0], [])] },
  ],
});
