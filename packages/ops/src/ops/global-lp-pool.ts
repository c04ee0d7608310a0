import { sizeOf } from '@pathwise/model';
import type { OpDef } from '@pathwise/graph';
import { defineOp } from '../define-op.ts';
import { globalShape } from '../families/global-pooling.ts';
import { lpFactor, lpShare, powers, roots } from '../families/lp-norm.ts';
import { levelCrossings } from '../families/unary.ts';
import { never } from '../linearity.ts';

type GlobalLpPoolAttrs = { p: number };

/** The p-norm of each channel over the spatial axes, which stay with size 1. */
export const globalLpPool: OpDef = defineOp<GlobalLpPoolAttrs>({
  name: 'GlobalLpPool',
  code: 0x040d,
  inputs: ['differentiable'],
  attrs: { p: { type: 'int', default: 2 } },
  // Homogeneous of degree 1: by Euler's theorem x times the gradient sums to y.
  relevance: 'fixed-linear',
  affine: never,
  piecewiseLinear: (_moving, attrs) => attrs['p'] === 1,
  kinks: true,
  infer: ([x]) => [{ dtype: x!.dtype, shape: globalShape(x!.shape) }],
  forward([x], { p }, [type]) {
    const sums = new Float64Array(sizeOf(type.shape));
    const size = x!.data.length / sums.length;
    const terms = powers(x!.data, p);
    for (let c = 0; c < sums.length; c++) for (let i = c * size; i < (c + 1) * size; i++) sums[c] += terms[i];
    return [roots(sums, p)];
  },
  vjp: (b, { inputs: [x], outputs: [y], attrs: { p } }, [dy]) => [b.mul(lpFactor(b, x, p), lpShare(b, y, dy!, p))],
  crossings: ([a], [b]) => levelCrossings(a!, b!, [0]),
  examples: [
    { name: 'Euclidean', inputs: [[1, 2, 3, 4]] },
    { name: 'p = 1', attrs: { p: 1 }, inputs: [[2, 1, 4]] },
    { name: 'p = 3', attrs: { p: 3 }, inputs: [[1, 2, 2, 2, 2]] },
  ],
});
