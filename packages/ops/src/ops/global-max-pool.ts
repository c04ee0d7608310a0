import { sizeOf } from '@pathwise/model';
import type { OpDef } from '@pathwise/graph';
import { defineOp } from '../define-op.ts';
import { envelopeCrossings } from '../envelope.ts';
import { globalShape, spatialAxes } from '../families/global-pooling.ts';
import { firstWinner } from '../families/winner.ts';
import { jointly, never } from '../linearity.ts';

/** The largest element of each channel; the first of equal ones in scan order takes the cotangent. */
export const globalMaxPool: OpDef = defineOp({
  name: 'GlobalMaxPool',
  code: 0x040b,
  inputs: ['differentiable'],
  attrs: {},
  relevance: 'max',
  affine: never,
  piecewiseLinear: jointly,
  kinks: true,
  infer: ([x]) => [{ dtype: x!.dtype, shape: globalShape(x!.shape) }],
  forward([x], _attrs, [type]) {
    const out = new Float64Array(sizeOf(type.shape));
    const size = x!.data.length / out.length;
    for (let c = 0; c < out.length; c++) {
      let best = x!.data[c * size];
      for (let i = c * size + 1; i < (c + 1) * size; i++) if (x!.data[i] > best) best = x!.data[i];
      out[c] = best;
    }
    return [out];
  },
  vjp: (b, { inputs: [x] }, [dy]) => [b.mul(firstWinner(b, x, spatialAxes(b.shape(x)), 'ArgMax'), dy!)],
  crossings([a], [b]) {
    const channels = sizeOf(globalShape(a!.shape));
    const size = a!.data.length / channels;
    return Array.from({ length: channels }, (_, c) =>
      envelopeCrossings(a!.data.subarray(c * size, (c + 1) * size), b!.data.subarray(c * size, (c + 1) * size)),
    ).flat();
  },
  examples: [
    { name: 'two axes', inputs: [[1, 3, 4, 5]] },
    { name: 'one axis', inputs: [[2, 2, 3]] },
    { name: 'three axes', inputs: [[1, 2, 2, 3, 2]] },
    { name: 'one element', inputs: [[1, 3, 1, 1]] },
  ],
});
