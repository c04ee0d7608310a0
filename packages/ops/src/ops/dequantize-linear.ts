import { float32, tensor, type DType } from '@pathwise/model';
import type { OpDef } from '@pathwise/graph';
import { defineOp } from '../define-op.ts';
import { dequantize, scaleLayout, spreadScale, type Granularity } from '../families/quantization.ts';
import { jointlyIn } from '../linearity.ts';

type DequantizeLinearAttrs = Granularity & { output_dtype?: DType };

/** (x - zero point) * scale; the scale counts as fixed. */
export const dequantizeLinear: OpDef = defineOp<DequantizeLinearAttrs>({
  name: 'DequantizeLinear',
  code: 0x0622,
  inputs: ['differentiable', 'zero-gradient', 'zero-gradient'],
  required: 2,
  attrs: {
    axis: { type: 'int', default: 1 },
    block_size: { type: 'int', default: 0 },
    output_dtype: { type: 'string' },
  },
  relevance: 'affine',
  affine: jointlyIn(0),
  piecewiseLinear: jointlyIn(0),
  kinks: false,
  infer([x, scale], attrs) {
    scaleLayout(x!.shape, scale!.shape, attrs);
    return [{ dtype: attrs.output_dtype ?? scale!.dtype, shape: x!.shape }];
  },
  forward: ([x, scale, zeroPoint], attrs) => [dequantize(x!, scale!, zeroPoint, attrs)],
  vjp: (b, { inputs: [x, scale], attrs }, [dy]) => [
    b.mul(dy!, b.castLike(spreadScale(b, scale, b.shape(x), attrs), dy!)),
    null,
    null,
  ],
  lower(b, { inputs: [x, scale, zeroPoint], attrs }) {
    const unit = spreadScale(b, scale, b.shape(x), attrs);
    const level = b.castLike(x, unit);
    const zero = zeroPoint ? b.castLike(spreadScale(b, zeroPoint, b.shape(x), attrs), unit) : null;
    const value = b.mul(zero === null ? level : b.sub(level, zero), unit);
    const { output_dtype: to } = attrs;
    return [to === undefined || to === b.type(value).dtype ? value : b.emit('Cast', [value], { to })];
  },
  examples: [
    { name: 'one scale', inputs: [[2, 3], float32([], [0.1])] },
    { name: 'with zero point', inputs: [[2, 3], float32([], [0.5]), tensor('int8', [], [1])] },
    {
      name: 'per axis',
      inputs: [[2, 3], float32([3], [0.02, 0.5, 2]), tensor('uint8', [3], [0, 3, 128])],
    },
    {
      name: 'by blocks, the last one short',
      attrs: { axis: 0, block_size: 2 },
      inputs: [[3, 2], float32([2, 2], [0.02, 0.5, 0.1, 1]), tensor('int8', [2, 2], [0, 1, -1, 2])],
    },
  ],
});
