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

type LayerNormAttrs = { axis: number; epsilon: number; stash_type: number };

/**
 * Standardizes over the axes from `axis` on, then scales and shifts. Outputs: the result, and the mean and
 * 1 / sqrt(variance + epsilon) of each group. @source Ba, Kiros, Hinton 2016, arXiv:1607.06450
 */
export const layerNormalization: OpDef = defineOp<LayerNormAttrs>({
  name: 'LayerNormalization',
  code: 0x0335,
  inputs: ['differentiable', 'differentiable', 'differentiable'],
  required: 2,
  maxOutputs: 3,
  attrs: {
    axis: { type: 'int', default: -1 },
    epsilon: { type: 'float', default: 1e-5 },
    stash_type: { type: 'int', default: 1 },
  },
  relevance: 'normalization',
  affine: (moving) => !moving.includes(0),
  piecewiseLinear: (moving) => !moving.includes(0),
  kinks: false,
  infer([x], { axis }, outputs) {
    const { dtype, shape } = x!;
    const from = normalizeAxis(axis, shape.length);
    const statistic = shape.map((d, i) => (i < from ? d : 1));
    return [shape, statistic, statistic].slice(0, outputs).map((s) => ({ dtype, shape: s }));
  },
  forward([x, scale, bias], { axis, epsilon }) {
    const rows = rowsFrom(x!.shape, normalizeAxis(axis, x!.shape.length));
    const { data, means, inverses } = standardize(x!.data, rows, epsilon, true);
    scaleAndShift(data, x!.shape, scale!, bias ?? null);
    return [data, means, inverses];
  },
  vjp(b, { inputs, attrs, needs }, [dy = null, dMean = null, dInverse = null]) {
    const [x, scale, bias = ''] = inputs;
    const shape = b.shape(x);
    const rows = rowsFrom(shape, normalizeAxis(attrs.axis, shape.length));
    const z = emitStandardized(b, x, rows, attrs.epsilon, true);
    const parts: string[] = [];
    if (dy !== null) parts.push(standardizedGradient(b, z, b.reshape(b.mul(dy, scale), [rows.rows, rows.size])));
    // mean: 1 / n for each element; s = 1 / sqrt(variance + epsilon): ds/dx = -s^2 z / n
    if (dMean !== null) parts.push(b.div(b.reshape(dMean, [rows.rows, 1]), rows.size));
    if (dInverse !== null) {
      const share = b.mul(b.reshape(dInverse, [rows.rows, 1]), b.mul(z.inverse, z.inverse));
      parts.push(b.neg(b.mul(z.data, b.div(share, rows.size))));
    }
    const dx = parts.length === 0 ? null : parts.reduce((sum, part) => b.add(sum, part));
    return [
      dx === null ? null : b.reshape(b.expand(dx, [rows.rows, rows.size]), shape),
      needs[1] && dy !== null ? b.sumTo(b.mul(dy, b.reshape(z.data, shape)), b.shape(scale)) : null,
      needs[2] && dy !== null ? b.sumTo(dy, b.shape(bias)) : null,
    ];
  },
  lower(b, { inputs, outputs, attrs }) {
    const [x, scale, bias = ''] = inputs;
    const shape = b.shape(x);
    const from = normalizeAxis(attrs.axis, shape.length);
    const z = emitStandardized(b, x, rowsFrom(shape, from), attrs.epsilon, true);
    const scaled = b.mul(b.reshape(z.data, shape), scale);
    const statistic = shape.map((d, i) => (i < from ? d : 1));
    return [
      bias === '' ? scaled : b.add(scaled, bias),
      b.reshape(z.mean!, statistic),
      b.reshape(z.inverse, statistic),
    ].slice(0, outputs.length);
  },
  examples: [
    { name: 'last axis', inputs: [[2, 3, 4], [4], [4]] },
    {
      name: 'two axes, no bias',
      attrs: { axis: 1 },
      inputs: [
        [2, 3, 4],
        [3, 4],
      ],
    },
    { name: 'statistics too', attrs: { axis: -2, epsilon: 0.1 }, inputs: [[2, 3, 4], [3, 4], [4]], outputs: 3 },
    {
      name: 'all axes',
      attrs: { axis: 0 },
      inputs: [
        [3, 2],
        [3, 2],
        [3, 2],
      ],
    },
  ],
});
