import type { OpDef } from '@pathwise/graph';
import { defineOp } from '../define-op.ts';
import { lpFactor, lpShare, powers, roots } from '../families/lp-norm.ts';
import { POOL_ATTRS, poolWindows, sumWindows, sumWindowsAdjoint, type PoolAttrs } from '../families/pooling.ts';
import { levelCrossings } from '../families/unary.ts';
import { never } from '../linearity.ts';

type LpPoolAttrs = PoolAttrs & { p: number };

/** The p-norm of every window. */
export const lpPool: OpDef = defineOp<LpPoolAttrs>({
  name: 'LpPool',
  code: 0x040c,
  inputs: ['differentiable'],
  attrs: { ...POOL_ATTRS, p: { type: 'int', default: 2 } },
  // Homogeneous of degree 1: by Euler's theorem x times the gradient sums to y.
  relevance: 'fixed-linear',
  affine: never,
  piecewiseLinear: (_moving, attrs) => attrs['p'] === 1,
  kinks: true,
  infer([x], attrs) {
    const { output } = poolWindows(x!.shape, attrs);
    return [{ dtype: x!.dtype, shape: [...x!.shape.slice(0, 2), ...output] }];
  },
  forward([x], attrs) {
    const windows = poolWindows(x!.shape, attrs);
    return [roots(sumWindows(powers(x!.data, attrs.p), x!.shape[0] * x!.shape[1], windows), attrs.p)];
  },
  vjp(b, { inputs: [x], outputs: [y], attrs }, [dy]) {
    const windows = poolWindows(b.shape(x), attrs);
    const shares = sumWindowsAdjoint(b, lpShare(b, y, dy!, attrs.p), b.shape(x), windows);
    return [b.mul(lpFactor(b, x, attrs.p), shares)];
  },
  crossings: ([a], [b]) => levelCrossings(a!, b!, [0]),
  examples: [
    { name: 'Euclidean', attrs: { kernel_shape: [2, 2], strides: [2, 2] }, inputs: [[1, 2, 4, 4]] },
    { name: 'p = 1, padded', attrs: { kernel_shape: [3, 2], pads: [1, 0, 1, 1], p: 1 }, inputs: [[1, 1, 4, 4]] },
    { name: 'p = 3, overlapping', attrs: { kernel_shape: [3], p: 3 }, inputs: [[2, 1, 6]] },
    {
      name: 'p = 4, ceil, dilated',
      attrs: { kernel_shape: [2, 2], p: 4, dilations: [2, 1], strides: [2, 2], ceil_mode: 1 },
      inputs: [[1, 1, 6, 5]],
    },
    {
      name: 'three axes, SAME_LOWER',
      attrs: { kernel_shape: [2, 2, 2], auto_pad: 'SAME_LOWER' },
      inputs: [[1, 1, 2, 3, 2]],
    },
  ],
});
