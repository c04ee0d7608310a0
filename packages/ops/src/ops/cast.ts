import { isFloat, type DType } from '@pathwise/model';
import type { OpDef } from '@pathwise/graph';
import { defineOp } from '../define-op.ts';
import { castData } from '../integers.ts';

type CastAttrs = { to: DType };

/** Between floats it is the identity (the reference computes in float64); to integers it truncates. `to` is a type name. */
export const cast: OpDef = defineOp<CastAttrs>({
  name: 'Cast',
  code: 0x0600,
  inputs: ['differentiable'],
  attrs: { to: { type: 'string', required: true } },
  relevance: 'shape',
  affine: (_moving, attrs) => isFloat((attrs as CastAttrs).to),
  piecewiseLinear: (_moving, attrs) => isFloat((attrs as CastAttrs).to),
  kinks: false,
  infer: ([x], { to }) => [{ dtype: to, shape: x!.shape }],
  forward: ([x], { to }) => [castData(x!.data, to)],
  // From integers (quantized numbers) the cotangent stays a float.
  vjp(b, { inputs, attrs }, [dy]) {
    if (!isFloat(attrs.to)) return [null];
    return [isFloat(b.type(inputs[0]).dtype) ? b.castLike(dy!, inputs[0]) : dy!];
  },
  examples: [{ name: 'to float64', attrs: { to: 'float64' }, inputs: [[2, 3]] }],
});
