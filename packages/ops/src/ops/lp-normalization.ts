import type { OpDef } from '@pathwise/graph';
import { PathwiseError } from '@pathwise/model';
import { defineOp } from '../define-op.ts';
import { alongAxis, AXIS_EXAMPLES } from '../families/along-axis.ts';
import { never } from '../linearity.ts';

type LpAttrs = { axis: number; p: number };

/** x divided by its norm along `axis`; zeros stay zeros. */
export const lpNormalization: OpDef = defineOp<LpAttrs>({
  name: 'LpNormalization',
  code: 0x0330,
  inputs: ['differentiable'],
  attrs: { axis: { type: 'int', default: -1 }, p: { type: 'int', default: 2 } },
  relevance: 'normalization',
  affine: never,
  piecewiseLinear: never,
  kinks: true,
  ...alongAxis<LpAttrs>(({ p }) => {
    if (p !== 1 && p !== 2)
      throw new PathwiseError('UNSUPPORTED_OP', `attribute p = ${p} is not supported; supported: 1, 2`);
    return (data, out, base, stride, size) => {
      const end = base + size * stride;
      let sum = 0;
      for (let at = base; at < end; at += stride) sum += p === 1 ? Math.abs(data[at]) : data[at] ** 2;
      const norm = p === 1 ? sum : Math.sqrt(sum);
      for (let at = base; at < end; at += stride) out[at] = norm === 0 ? 0 : data[at] / norm;
    };
  }),
  // n = |x|_p; dx = (dy - n' sum(dy y)) / n with n' = x / n (p = 2) or sign(x) (p = 1)
  vjp(b, { inputs: [x], outputs: [y], attrs: { axis, p } }, [dy]) {
    const norm = b.emit(p === 1 ? 'ReduceL1' : 'ReduceL2', [x, b.ints([axis])]);
    const slope = p === 1 ? b.unary('Sign', x) : y;
    return [b.div(b.sub(dy!, b.mul(slope, b.reduceSum(b.mul(dy!, y), [axis]))), norm)];
  },
  lower: (b, { inputs: [x], attrs: { axis, p } }) => [
    b.div(x, b.emit(p === 1 ? 'ReduceL1' : 'ReduceL2', [x, b.ints([axis])])),
  ],
  examples: [
    ...AXIS_EXAMPLES.map((example) => ({ ...example, attrs: { ...example.attrs, p: 2 } })),
    { name: 'L1', attrs: { axis: 1, p: 1 }, inputs: [[2, 3, 2]] },
  ],
});
