import type { OpDef } from '@pathwise/graph';
import { defineOp } from '../define-op.ts';
import { alongAxis, AXIS_EXAMPLES } from '../families/along-axis.ts';
import { never } from '../linearity.ts';

/** x - log(sum(exp(x))) along `axis`; the largest element is taken out first, so that nothing overflows. */
export const logSoftmax: OpDef = defineOp<{ axis: number }>({
  name: 'LogSoftmax',
  code: 0x0321,
  inputs: ['differentiable'],
  attrs: { axis: { type: 'int', default: -1 } },
  relevance: 'softmax',
  affine: never,
  piecewiseLinear: never,
  kinks: false,
  ...alongAxis<{ axis: number }>(() => (data, out, base, stride, size) => {
    const end = base + size * stride;
    let largest = -Infinity;
    for (let at = base; at < end; at += stride) largest = Math.max(largest, data[at]);
    let sum = 0;
    for (let at = base; at < end; at += stride) sum += Math.exp(data[at] - largest);
    const shift = Math.log(sum);
    for (let at = base; at < end; at += stride) out[at] = data[at] - largest - shift;
  }),
  // dx = dy - exp(y) sum(dy)
  vjp(b, { outputs: [y], attrs }, [dy]) {
    return [b.sub(dy!, b.mul(b.exp(y), b.reduceSum(dy!, [attrs.axis])))];
  },
  examples: [
    ...AXIS_EXAMPLES,
    { name: 'logits that overflow exp', attrs: { axis: -1 }, inputs: [[2, 3]], domain: [799, 801] },
  ],
});
