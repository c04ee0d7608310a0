import { float32, sizeOf } from '@pathwise/model';
import type { OpDef } from '@pathwise/graph';
import type { OpBuilder } from '../builder.ts';
import { defineOp } from '../define-op.ts';
import { levelCrossings } from '../families/unary.ts';
import { jointlyIn } from '../linearity.ts';

/** min(max(x, low), high); its derivative is 0 at both bounds. The mask is taken from the output. */
export const clip: OpDef = defineOp({
  name: 'Clip',
  code: 0x0132,
  inputs: ['differentiable', 'differentiable', 'differentiable'],
  required: 1,
  attrs: {},
  relevance: 'unary',
  affine: (moving) => moving.length === 0,
  piecewiseLinear: jointlyIn(0),
  kinks: true,
  infer: ([x]) => [{ dtype: x!.dtype, shape: x!.shape }],
  forward([x, min, max]) {
    const low = min ? min.data[0] : -Infinity;
    const high = max ? max.data[0] : Infinity;
    const out = new Float64Array(sizeOf(x!.shape));
    for (let i = 0; i < out.length; i++) {
      const v = x!.data[i];
      const raised = v < low ? low : v;
      out[i] = raised > high ? high : raised;
    }
    return [out];
  },
  vjp(b, { inputs, outputs, needs }, [dy]) {
    const [x, low = '', high = ''] = inputs;
    let dx = dy!;
    if (low !== '') dx = b.mask(b.greater(outputs[0], low), dx);
    if (high !== '') dx = b.mask(b.less(outputs[0], high), dx);
    return [
      dx,
      needs[1] ? b.sumTo(b.mask(belowLow(b, x, low, high), dy!), b.shape(low)) : null,
      needs[2] ? b.sumTo(b.mask(aboveHigh(b, x, low, high), dy!), b.shape(high)) : null,
    ];
  },
  crossings: ([ax, min, max], [bx]) =>
    levelCrossings(
      ax!,
      bx!,
      [min, max].flatMap((bound) => (bound ? [bound.data[0]] : [])),
    ),
  examples: [
    { name: 'both bounds', inputs: [[3, 4], float32([], [-0.5]), float32([], [1])] },
    { name: 'only min', inputs: [[3, 4], float32([], [-0.5])] },
    { name: 'only max', inputs: [[3, 4], null, float32([], [0.5])] },
    { name: 'no bounds', inputs: [[3]] },
    { name: 'bounds that move', inputs: [[3, 4], [], []] },
  ],
});

/** Where the output is the lower bound. */
function belowLow(b: OpBuilder, x: string, low: string, high: string): string {
  const below = b.less(x, low);
  return high === '' ? below : b.emit('And', [below, b.unary('Not', b.less(high, low))]);
}

/** Where the output is the upper bound: also everywhere if the bounds are the wrong way round. */
function aboveHigh(b: OpBuilder, x: string, low: string, high: string): string {
  const above = b.greater(x, high);
  return low === '' ? above : b.emit('Or', [above, b.less(high, low)]);
}
