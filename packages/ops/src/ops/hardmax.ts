import type { OpDef } from '@pathwise/graph';
import { defineOp } from '../define-op.ts';
import { alongAxis, AXIS_EXAMPLES } from '../families/along-axis.ts';
import { never } from '../linearity.ts';

/** 1 at the first largest element along `axis`, 0 elsewhere. */
export const hardmax: OpDef = defineOp<{ axis: number }>({
  name: 'Hardmax',
  code: 0x0322,
  inputs: ['zero-gradient'],
  attrs: { axis: { type: 'int', default: -1 } },
  relevance: 'stop',
  affine: never,
  piecewiseLinear: never,
  kinks: true,
  ...alongAxis<{ axis: number }>(() => (data, out, base, stride, size) => {
    let best = base;
    for (let k = 1; k < size; k++) if (data[base + k * stride] > data[best]) best = base + k * stride;
    out[best] = 1;
  }),
  examples: AXIS_EXAMPLES,
});
