import { sameShape, shapeError, sizeOf } from '@pathwise/model';
import type { OpDef } from '@pathwise/graph';
import { aroundAxis, normalizeAxis } from '../axes.ts';
import { defineOp } from '../define-op.ts';
import { jointly } from '../linearity.ts';

type ConcatAttrs = { axis: number };

export const concat: OpDef = defineOp<ConcatAttrs>({
  name: 'Concat',
  code: 0x0607,
  inputs: ['differentiable'],
  required: 1,
  variadic: true,
  attrs: { axis: { type: 'int', required: true } },
  relevance: 'shape',
  affine: jointly,
  piecewiseLinear: jointly,
  kinks: false,
  infer(inputs, attrs) {
    const first = inputs[0]!;
    const axis = normalizeAxis(attrs.axis, first.shape.length);
    const shape = [...first.shape];
    for (const [i, x] of inputs.slice(1).entries()) {
      const fits = x!.shape.length === shape.length && sameShape(x!.shape.with(axis, first.shape[axis]), first.shape);
      if (!fits) {
        throw shapeError('concat', `inputs[${i + 1}]`, `[${first.shape.join(',')}] apart from axis ${axis}`, x!.shape);
      }
      shape[axis] += x!.shape[axis];
    }
    return [{ dtype: first.dtype, shape }];
  },
  forward(inputs, attrs, [type]) {
    const axis = normalizeAxis(attrs.axis, type!.shape.length);
    const { outer, size, inner } = aroundAxis(type!.shape, axis);
    const out = new Float64Array(sizeOf(type!.shape));
    let at = 0;
    for (const x of inputs) {
      const block = x!.shape[axis] * inner;
      for (let o = 0; o < outer; o++) out.set(x!.data.subarray(o * block, (o + 1) * block), o * size * inner + at);
      at += block;
    }
    return [out];
  },
  vjp(b, { inputs, attrs, needs }, [dy]) {
    const axis = normalizeAxis(attrs.axis, b.shape(dy!).length);
    let at = 0;
    return inputs.map((input, i) => {
      const start = at;
      at += b.shape(input)[axis];
      return needs[i] === true ? b.slice(dy!, [start], [at], [axis]) : null;
    });
  },
  examples: [
    {
      name: 'three along the middle axis',
      attrs: { axis: 1 },
      inputs: [
        [2, 1, 3],
        [2, 2, 3],
        [2, 4, 3],
      ],
    },
    {
      name: 'last axis, negative',
      attrs: { axis: -1 },
      inputs: [
        [2, 3],
        [2, 1],
      ],
    },
    { name: 'first axis', attrs: { axis: 0 }, inputs: [[2], [3], [1]] },
    { name: 'one input', attrs: { axis: 0 }, inputs: [[2, 2]] },
    {
      name: 'an empty part',
      attrs: { axis: 1 },
      inputs: [
        [2, 0],
        [2, 3],
      ],
    },
  ],
});
