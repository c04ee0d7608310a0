import { float32, isFloat, PathwiseError } from '@pathwise/model';
import type { OpDef } from '@pathwise/graph';
import { broadcastShapes } from '../broadcast.ts';
import { defineOp } from '../define-op.ts';
import { zip } from '../families/binary.ts';
import { never } from '../linearity.ts';

/** Remainder of the division; with `fmod` of the sign of x (floats must), else of the sign of y. */
export const mod: OpDef = defineOp<{ fmod: number }>({
  name: 'Mod',
  code: 0x0206,
  inputs: ['differentiable', 'differentiable'],
  attrs: { fmod: { type: 'int', default: 0 } },
  relevance: 'stop',
  affine: never,
  piecewiseLinear: never,
  kinks: true,
  infer([x, y], { fmod }) {
    if (isFloat(x!.dtype) && fmod !== 1) {
      throw new PathwiseError('UNSUPPORTED_OP', 'attribute fmod = 0 is defined for integers only, got floats');
    }
    return [{ dtype: x!.dtype, shape: broadcastShapes(x!.shape, y!.shape) }];
  },
  forward: ([x, y], { fmod }, [type]) => [
    zip(x!, y!, type.shape, fmod === 1 ? (a, b) => a % b : (a, b) => a - b * Math.floor(a / b)),
  ],
  // y = a - b trunc(a / b): da = 1, db = -trunc(a / b) = (y - a) / b
  vjp(b, { inputs, outputs, needs }, [dy]) {
    const [x, divisor] = inputs;
    const quotient = needs[1] ? b.div(b.sub(outputs[0], x), divisor) : '';
    return [
      needs[0] ? b.sumTo(dy!, b.shape(x)) : null,
      needs[1] ? b.sumTo(b.mul(dy!, quotient), b.shape(divisor)) : null,
    ];
  },
  examples: [
    { name: 'by a constant', attrs: { fmod: 1 }, inputs: [[2, 3], float32([], [0.75])] },
    { name: 'both move', attrs: { fmod: 1 }, inputs: [[2, 3], [3]], domain: [0.5, 2] },
  ],
});
