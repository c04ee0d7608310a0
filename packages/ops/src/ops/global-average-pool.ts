import { sizeOf } from '@pathwise/model';
import type { OpDef } from '@pathwise/graph';
import { defineOp } from '../define-op.ts';
import { globalShape, spatialAxes } from '../families/global-pooling.ts';
import { jointly } from '../linearity.ts';

/** The mean of each channel over the spatial axes, which stay with size 1. */
export const globalAveragePool: OpDef = defineOp({
  name: 'GlobalAveragePool',
  code: 0x040a,
  inputs: ['differentiable'],
  attrs: {},
  relevance: 'fixed-linear',
  affine: jointly,
  piecewiseLinear: jointly,
  kinks: false,
  infer: ([x]) => [{ dtype: x!.dtype, shape: globalShape(x!.shape) }],
  forward([x], _attrs, [type]) {
    const out = new Float64Array(sizeOf(type.shape));
    const size = x!.data.length / out.length;
    for (let c = 0; c < out.length; c++) {
      let sum = 0;
      for (let i = c * size; i < (c + 1) * size; i++) sum += x!.data[i];
      out[c] = sum / size;
    }
    return [out];
  },
  vjp(b, { inputs: [x] }, [dy]) {
    const shape = b.shape(x);
    const share = 1 / sizeOf(spatialAxes(shape).map((axis) => shape[axis]));
    return [b.expand(b.mul(dy!, share), shape)];
  },
  examples: [
    { name: 'two axes', inputs: [[1, 3, 4, 5]] },
    { name: 'one axis', inputs: [[2, 2, 3]] },
    { name: 'three axes', inputs: [[1, 2, 2, 3, 2]] },
    { name: 'one element', inputs: [[1, 3, 1, 1]] },
  ],
});
