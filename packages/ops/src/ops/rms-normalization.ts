import type { OpDef } from '@pathwise/graph';
import { normalizeAxis } from '../axes.ts';
import { defineOp } from '../define-op.ts';
import {
  emitStandardized,
  rowsFrom,
  scaleAndShift,
  standardize,
  standardizedGradient,
} from '../families/normalization.ts';

type RmsAttrs = { axis: number; epsilon: number; stash_type: number };

/** x / sqrt(mean(x^2) + epsilon) over the axes from `axis` on, scaled. @source Zhang, Sennrich 2019, arXiv:1910.07467 */
export const rmsNormalization: OpDef = defineOp<RmsAttrs>({
  name: 'RMSNormalization',
  code: 0x0336,
  inputs: ['differentiable', 'differentiable'],
  attrs: {
    axis: { type: 'int', default: -1 },
    epsilon: { type: 'float', default: 1e-5 },
    stash_type: { type: 'int', default: 1 },
  },
  relevance: 'normalization',
  affine: (moving) => !moving.includes(0),
  piecewiseLinear: (moving) => !moving.includes(0),
  kinks: false,
  infer([x], { axis }) {
    normalizeAxis(axis, x!.shape.length);
    return [{ dtype: x!.dtype, shape: x!.shape }];
  },
  forward([x, scale], { axis, epsilon }) {
    const rows = rowsFrom(x!.shape, normalizeAxis(axis, x!.shape.length));
    const { data } = standardize(x!.data, rows, epsilon, false);
    scaleAndShift(data, x!.shape, scale!, null);
    return [data];
  },
  vjp(b, { inputs: [x, scale], attrs, needs }, [dy]) {
    const shape = b.shape(x);
    const rows = rowsFrom(shape, normalizeAxis(attrs.axis, shape.length));
    const z = emitStandardized(b, x, rows, attrs.epsilon, false);
    const dz = b.reshape(b.mul(dy!, scale), [rows.rows, rows.size]);
    return [
      needs[0] ? b.reshape(standardizedGradient(b, z, dz), shape) : null,
      needs[1] ? b.sumTo(b.mul(dy!, b.reshape(z.data, shape)), b.shape(scale)) : null,
    ];
  },
  lower(b, { inputs: [x, scale], attrs }) {
    const shape = b.shape(x);
    const rows = rowsFrom(shape, normalizeAxis(attrs.axis, shape.length));
    return [b.mul(b.reshape(emitStandardized(b, x, rows, attrs.epsilon, false).data, shape), scale)];
  },
  examples: [
    { name: 'last axis', inputs: [[2, 3, 4], [4]] },
    {
      name: 'two axes',
      attrs: { axis: 1, epsilon: 0.1 },
      inputs: [
        [2, 3, 4],
        [3, 4],
      ],
    },
    { name: 'broadcast scale', attrs: { axis: -2 }, inputs: [[2, 3, 4], [1]] },
  ],
});
