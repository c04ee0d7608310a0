import { argumentError, float32, isFloat, tensor, type DType } from '@pathwise/model';
import type { OpDef } from '@pathwise/graph';
import { defineOp } from '../define-op.ts';
import { emitLevels, quantize, scaleLayout, spreadScale, type Granularity } from '../families/quantization.ts';
import { integerBounds } from '../integers.ts';
import { never } from '../linearity.ts';

type QuantizeLinearAttrs = Granularity & { output_dtype?: DType };

function levelType(zeroPoint: DType | undefined | '', { output_dtype }: QuantizeLinearAttrs): DType {
  return zeroPoint || (output_dtype ?? 'uint8');
}

/**
 * round(x / scale) + zero point, clamped to the range of the integer type; halves round to even. The gradient passes
 * straight through (as if nothing were rounded) where nothing is clamped; scale and zero point count as fixed.
 *
 * @source Bengio, Léonard, Courville 2013, arXiv:1308.3432 (straight-through estimator)
 */
export const quantizeLinear: OpDef = defineOp<QuantizeLinearAttrs>({
  name: 'QuantizeLinear',
  code: 0x0621,
  inputs: ['differentiable', 'zero-gradient', 'zero-gradient'],
  required: 2,
  straightThrough: true,
  attrs: {
    axis: { type: 'int', default: 1 },
    block_size: { type: 'int', default: 0 },
    output_dtype: { type: 'string' },
    saturate: { type: 'int', default: 1 },
  },
  relevance: 'unary',
  affine: never,
  piecewiseLinear: never,
  kinks: true,
  infer([x, scale, zeroPoint], attrs) {
    scaleLayout(x!.shape, scale!.shape, attrs);
    const dtype = levelType(zeroPoint?.dtype, attrs);
    if (isFloat(dtype) || dtype === 'bool')
      throw argumentError('quantizeLinear', 'the type of levels', 'an integer type', dtype);
    return [{ dtype, shape: x!.shape }];
  },
  forward: ([x, scale, zeroPoint], attrs, [type]) => [quantize(x!, scale!, zeroPoint, type.dtype, attrs)],
  vjp(b, { inputs: [x, scale, zeroPoint], outputs: [y], attrs }, [dy]) {
    const shape = b.shape(x);
    const [low, high] = integerBounds(b.type(y).dtype);
    const s = b.castLike(spreadScale(b, scale, shape, attrs), x);
    const zero = zeroPoint ? b.castLike(spreadScale(b, zeroPoint, shape, attrs), x) : 0;
    // Clamped where x rounds past the ends of the range, half a level beyond them.
    const from = b.mul(b.sub(low - 0.5, zero), s);
    const to = b.mul(b.sub(high + 0.5, zero), s);
    const inside = b.emit('And', [b.emit('GreaterOrEqual', [x, from]), b.emit('LessOrEqual', [x, to])]);
    return [b.mask(inside, b.div(b.castLike(dy!, x), s)), null, null];
  },
  lower: (b, { inputs: [x, scale, zeroPoint], attrs }) => [
    emitLevels(b, x, { scale, zeroPoint, dtype: levelType(zeroPoint && b.type(zeroPoint).dtype, attrs), how: attrs }),
  ],
  examples: [
    { name: 'unsigned by default', inputs: [[2, 3], float32([], [0.1])] },
    { name: 'with zero point', inputs: [[2, 3], float32([], [0.02]), tensor('uint8', [], [128])] },
    {
      name: 'per axis',
      attrs: { axis: 0 },
      inputs: [[2, 3], float32([2], [0.02, 0.5]), tensor('int8', [2], [0, 3])],
    },
    {
      name: 'by blocks, 16 bits',
      attrs: { axis: -1, block_size: 2, output_dtype: 'int16' },
      inputs: [[2, 3], float32([2, 2], [0.02, 0.5, 0.1, 1])],
    },
  ],
});
