import { int64, type DType } from '@pathwise/model';
import type { OpDef } from '@pathwise/graph';
import { constantNumber } from '../constants.ts';
import { defineOp } from '../define-op.ts';
import { never } from '../linearity.ts';

type WindowAttrs = { output_datatype: DType; periodic: number };

/** A window function of constant size: sum of weights[k] * (-1)^k * cos(2 pi k n / N). */
function windowFunction(name: string, code: number, weights: readonly number[]): OpDef {
  return defineOp<WindowAttrs>({
    name,
    code,
    inputs: ['index'],
    attrs: { output_datatype: { type: 'string', default: 'float32' }, periodic: { type: 'int', default: 1 } },
    relevance: 'stop',
    affine: never,
    piecewiseLinear: never,
    kinks: false,
    infer: ([size], attrs) => [{ dtype: attrs.output_datatype, shape: [constantNumber(size, 'size')] }],
    forward([size], { periodic }) {
      const period = periodic === 1 ? size!.data[0] : size!.data[0] - 1;
      const out = new Float64Array(size!.data[0]);
      for (let n = 0; n < out.length; n++) {
        weights.forEach((weight, k) => (out[n] += (-1) ** k * weight * Math.cos((2 * Math.PI * k * n) / period)));
      }
      return [out];
    },
    examples: [
      { name: 'periodic', inputs: [int64([], [5])] },
      { name: 'symmetric', attrs: { periodic: 0 }, inputs: [int64([], [5])] },
    ],
  });
}

export const hannWindow: OpDef = windowFunction('HannWindow', 0x0624, [0.5, 0.5]);
export const hammingWindow: OpDef = windowFunction('HammingWindow', 0x0625, [25 / 46, 21 / 46]);
export const blackmanWindow: OpDef = windowFunction('BlackmanWindow', 0x0626, [0.42, 0.5, 0.08]);
