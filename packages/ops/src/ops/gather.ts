import { int64, sizeOf, toFloat64 } from '@pathwise/model';
import type { OpDef } from '@pathwise/graph';
import { aroundAxis, normalizeAxis } from '../axes.ts';
import { defineOp } from '../define-op.ts';
import { axisMapAdjoint } from '../families/axis-map.ts';
import { normalizeIndex } from '../families/movement.ts';
import { jointlyIn } from '../linearity.ts';

type GatherAttrs = { axis: number };

/** Looks up slices of `data` along `axis`; the axes of `indices` take its place (embedding look-up: axis 0). */
export const gather: OpDef = defineOp<GatherAttrs>({
  name: 'Gather',
  code: 0x060a,
  inputs: ['differentiable', 'index'],
  attrs: { axis: { type: 'int', default: 0 } },
  relevance: 'shape',
  affine: jointlyIn(0),
  piecewiseLinear: jointlyIn(0),
  kinks: false,
  infer([data, indices], attrs) {
    const axis = normalizeAxis(attrs.axis, data!.shape.length);
    return [{ dtype: data!.dtype, shape: data!.shape.toSpliced(axis, 1, ...indices!.shape) }];
  },
  forward([data, indices], attrs, [type]) {
    const { outer, size, inner } = aroundAxis(data!.shape, normalizeAxis(attrs.axis, data!.shape.length));
    const at = indices!.data.map((index) => normalizeIndex(index, size));
    const out = new Float64Array(sizeOf(type!.shape));
    let to = 0;
    for (let o = 0; o < outer; o++) {
      for (let k = 0; k < at.length; k++) {
        const from = (o * size + at[k]) * inner;
        for (let i = 0; i < inner; i++) out[to++] = data!.data[from + i];
      }
    }
    return [out];
  },
  vjp(b, { inputs, attrs }, [dy]) {
    const [data, indices] = inputs;
    const shape = b.shape(data);
    const axis = normalizeAxis(attrs.axis, shape.length);
    const count = sizeOf(b.shape(indices));
    const flat = b.reshape(dy!, shape.with(axis, count));
    const fixed = b.constantOf(indices);
    if (fixed !== undefined) {
      const map = Array.from(toFloat64(fixed.data), (index) => normalizeIndex(index, shape[axis]));
      return [axisMapAdjoint(b, flat, axis, map, shape[axis]), null];
    }
    return [b.scatterAdd(shape, b.reshape(indices, [count]), flat, axis), null];
  },
  examples: [
    { name: 'embedding with repeats', inputs: [[5, 3], int64([2, 4], [1, 0, 4, 1, 1, -1, 2, 0])] },
    { name: 'one element of an axis', attrs: { axis: 1 }, inputs: [[2, 4, 3], int64([], [2])] },
    { name: 'last axis', attrs: { axis: -1 }, inputs: [[2, 5], int64([3], [4, 0, 2])] },
    { name: 'a vector', inputs: [[4], int64([2, 1], [3, 1])] },
    { name: 'many scattered', attrs: { axis: 1 }, inputs: [[2, 9, 2], int64([9], [8, 1, 6, 3, 0, 5, 2, 7, 0])] },
  ],
});
