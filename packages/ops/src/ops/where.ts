import { sizeOf, tensor } from '@pathwise/model';
import { broadcastIndex, broadcastShapes } from '../broadcast.ts';
import type { OpDef } from '@pathwise/graph';
import { defineOp } from '../define-op.ts';
import { jointlyIn } from '../linearity.ts';

/** condition ? x : y, element by element with broadcasting. */
export const where: OpDef = defineOp({
  name: 'Where',
  code: 0x0230,
  inputs: ['zero-gradient', 'differentiable', 'differentiable'],
  attrs: {},
  relevance: 'shape',
  affine: jointlyIn(1, 2),
  piecewiseLinear: jointlyIn(1, 2),
  kinks: false,
  infer: ([c, x, y]) => [{ dtype: x!.dtype, shape: broadcastShapes(c!.shape, x!.shape, y!.shape) }],
  forward([c, x, y], _attrs, [type]) {
    const ic = broadcastIndex(c!.shape, type.shape);
    const ix = broadcastIndex(x!.shape, type.shape);
    const iy = broadcastIndex(y!.shape, type.shape);
    const out = new Float64Array(sizeOf(type.shape));
    for (let i = 0; i < out.length; i++) out[i] = c!.data[ic[i]] !== 0 ? x!.data[ix[i]] : y!.data[iy[i]];
    return [out];
  },
  vjp(b, { inputs, needs }, [dy]) {
    const [c, x, y] = inputs;
    return [
      null,
      needs[1] ? b.sumTo(b.where(c, dy!, 0), b.shape(x)) : null,
      needs[2] ? b.sumTo(b.where(c, 0, dy!), b.shape(y)) : null,
    ];
  },
  examples: [
    { name: 'same shapes', inputs: [tensor('bool', [2, 2], [1, 0, 0, 1]), [2, 2], [2, 2]] },
    { name: 'broadcast all', inputs: [tensor('bool', [2, 1, 1], [1, 0]), [3, 1], [4]] },
    { name: 'wide condition', inputs: [tensor('bool', [2, 3], [1, 0, 0, 0, 1, 1]), [], [3]] },
  ],
});
