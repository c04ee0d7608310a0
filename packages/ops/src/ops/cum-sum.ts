import { int64, type Tensor } from '@pathwise/model';
import type { OpDef } from '@pathwise/graph';
import { aroundAxis, normalizeAxis } from '../axes.ts';
import { constantInts } from '../constants.ts';
import { defineOp } from '../define-op.ts';
import { jointlyIn } from '../linearity.ts';

type CumSumAttrs = { exclusive: number; reverse: number };

/** Sum of all elements before along an axis (`reverse`: after), and of the element itself unless `exclusive`. */
export const cumSum: OpDef = defineOp<CumSumAttrs>({
  name: 'CumSum',
  code: 0x0312,
  inputs: ['differentiable', 'index'],
  attrs: { exclusive: { type: 'int', default: 0 }, reverse: { type: 'int', default: 0 } },
  relevance: 'fixed-linear',
  affine: jointlyIn(0),
  piecewiseLinear: jointlyIn(0),
  kinks: false,
  infer([x, axis]) {
    normalizeAxis(constantInts(axis, 'axis')[0], x!.shape.length);
    return [{ dtype: x!.dtype, shape: x!.shape }];
  },
  forward([x, axis], { exclusive, reverse }) {
    const { outer, size, inner } = aroundAxis(x!.shape, normalizeAxis(axis!.data[0], x!.shape.length));
    const out = new Float64Array(x!.data.length);
    const step = reverse === 1 ? -inner : inner;
    for (let o = 0; o < outer; o++) {
      for (let i = 0; i < inner; i++) {
        let at = o * size * inner + i + (reverse === 1 ? (size - 1) * inner : 0);
        let sum = 0;
        for (let k = 0; k < size; k++, at += step) {
          out[at] = exclusive === 1 ? sum : sum + x!.data[at];
          sum += x!.data[at];
        }
      }
    }
    return [out];
  },
  // The adjoint sums the other way.
  vjp: (b, { inputs, attrs }, [dy]) => [
    b.emit('CumSum', [dy!, inputs[1]], { exclusive: attrs.exclusive, reverse: 1 - attrs.reverse }),
    null,
  ],
  examples: [
    { name: 'first axis', inputs: [[3, 2], axisOf(0)] },
    { name: 'exclusive', attrs: { exclusive: 1 }, inputs: [[2, 3, 2], axisOf(1)] },
    { name: 'reverse', attrs: { reverse: 1 }, inputs: [[2, 3], axisOf(-1)] },
    { name: 'exclusive reverse', attrs: { exclusive: 1, reverse: 1 }, inputs: [[2, 3], axisOf(1)] },
  ],
});

function axisOf(axis: number): Tensor {
  return int64([], [axis]);
}
