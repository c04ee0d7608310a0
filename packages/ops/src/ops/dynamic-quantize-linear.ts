import type { OpDef, Value } from '@pathwise/graph';
import { defineOp } from '../define-op.ts';
import { emitLevels, PER_TENSOR, quantize } from '../families/quantization.ts';
import { never } from '../linearity.ts';

/**
 * To uint8 with the scale and zero point that cover the data and 0; outputs: numbers, scale, zero point. Scale and
 * zero point count as fixed in the straight-through gradient, and nothing is clamped.
 */
export const dynamicQuantizeLinear: OpDef = defineOp({
  name: 'DynamicQuantizeLinear',
  code: 0x0623,
  inputs: ['differentiable'],
  maxOutputs: 3,
  straightThrough: true,
  attrs: {},
  relevance: 'unary',
  affine: never,
  piecewiseLinear: never,
  kinks: true,
  infer: ([x]) => [
    { dtype: 'uint8', shape: x!.shape },
    { dtype: x!.dtype, shape: [] },
    { dtype: 'uint8', shape: [] },
  ],
  forward([x]) {
    const low = x!.data.reduce((m, v) => Math.min(m, v), 0);
    const high = x!.data.reduce((m, v) => Math.max(m, v), 0);
    const exact = high > low ? (high - low) / 255 : 1;
    const scale: Value = {
      dtype: x!.dtype,
      shape: [],
      data: Float64Array.of(x!.dtype === 'float32' ? Math.fround(exact) : exact),
    };
    const zero: Value = {
      dtype: 'uint8',
      shape: [],
      data: quantize({ shape: [], data: Float64Array.of(-low) }, scale, null, 'uint8', PER_TENSOR),
    };
    return [quantize(x!, scale, zero, 'uint8', PER_TENSOR), scale.data, zero.data];
  },
  vjp(b, { name, inputs: [x], outputs }, [dy]) {
    if (!dy) return [null];
    let scale = outputs[1];
    if (!scale) {
      const names = ['quantized', 'scale', 'zero'].map((part) => b.freshName(`${name}.${part}`));
      [, scale] = b.apply('DynamicQuantizeLinear', [x], {}, { outputs: names }) as [string, string];
    }
    return [b.div(b.castLike(dy, x), scale)];
  },
  lower(b, { inputs: [x] }) {
    const axes = b.shape(x).map((_, axis) => axis);
    const extreme = (op: 'Max' | 'Min'): string =>
      b.emit(op, [b.emit(`Reduce${op}`, [x, b.ints(axes)], { keepdims: 0 }), b.castLike(b.scalar(0), x)]);
    const [low, high] = [extreme('Min'), extreme('Max')];
    const width = b.sub(high, low);
    const even = b.castLike(b.emit('Equal', [high, low]), x);
    // Where all numbers are 0 the scale is 1.
    const scale = b.add(b.div(width, 255), even);
    const zero = emitLevels(b, b.neg(low), { scale, zeroPoint: undefined, dtype: 'uint8', how: PER_TENSOR });
    return [emitLevels(b, x, { scale, zeroPoint: zero, dtype: 'uint8', how: PER_TENSOR }), scale, zero];
  },
  examples: [{ name: 'matrix', inputs: [[2, 3]], flat: true }],
});
