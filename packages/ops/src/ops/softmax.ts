import type { OpDef } from '@pathwise/graph';
import { defineOp } from '../define-op.ts';
import { alongAxis, AXIS_EXAMPLES } from '../families/along-axis.ts';
import { never } from '../linearity.ts';

/** exp(x) / sum(exp(x)) along `axis`; the largest element is taken out first, so that nothing overflows. */
export const softmax: OpDef = defineOp<{ axis: number }>({
  name: 'Softmax',
  code: 0x0320,
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
    for (let at = base; at < end; at += stride) sum += out[at] = Math.exp(data[at] - largest);
    for (let at = base; at < end; at += stride) out[at] /= sum;
  }),
  // dx = y (dy - sum(dy y))
  vjp(b, { outputs: [y], attrs }, [dy]) {
    return [b.mul(y, b.sub(dy!, b.reduceSum(b.mul(dy!, y), [attrs.axis])))];
  },
  examples: [
    ...AXIS_EXAMPLES,
    { name: 'one class', attrs: { axis: 1 }, inputs: [[3, 1]], flat: true },
    { name: 'logits that overflow exp', attrs: { axis: -1 }, inputs: [[2, 3]], domain: [799, 801] },
  ],
});
