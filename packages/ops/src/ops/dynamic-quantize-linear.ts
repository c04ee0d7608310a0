import type { OpDef } from '@pathwise/graph';
import { defineOp } from '../define-op.ts';
import { never } from '../linearity.ts';
import { roundHalfToEven } from './rounding.ts';

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
    const scale = high > low ? (high - low) / 255 : 1;
    const zero = roundHalfToEven(clampToByte(-low / scale));
    const out = x!.data.map((v) => clampToByte(roundHalfToEven(v / scale) + zero));
    return [out, Float64Array.of(scale), Float64Array.of(zero)];
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
  examples: [{ name: 'matrix', inputs: [[2, 3]], flat: true }],
});

function clampToByte(x: number): number {
  return Math.min(255, Math.max(0, x));
}
