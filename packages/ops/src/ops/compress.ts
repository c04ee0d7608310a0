import { sizeOf, tensor, toFloat64, type Shape } from '@pathwise/model';
import type { OpDef } from '@pathwise/graph';
import { aroundAxis, normalizeAxis } from '../axes.ts';
import { constantInts } from '../constants.ts';
import { defineOp } from '../define-op.ts';
import { axisMapAdjoint } from '../families/axis-map.ts';
import { jointlyIn } from '../linearity.ts';

type CompressAttrs = { axis?: number };

/** The slices along `axis` (without it: the elements in order) where a constant condition holds. */
export const compress: OpDef = defineOp<CompressAttrs>({
  name: 'Compress',
  code: 0x061e,
  inputs: ['differentiable', 'index'],
  attrs: { axis: { type: 'int' } },
  relevance: 'shape',
  affine: jointlyIn(0),
  piecewiseLinear: jointlyIn(0),
  kinks: false,
  infer([x, condition], attrs) {
    const { shape, axis } = selectedAxis(x!.shape, attrs);
    const kept = positions(constantInts(condition, 'condition'), shape[axis]);
    return [{ dtype: x!.dtype, shape: shape.with(axis, kept.length) }];
  },
  forward([x, condition], attrs, [type]) {
    const { shape, axis } = selectedAxis(x!.shape, attrs);
    const { outer, size, inner } = aroundAxis(shape, axis);
    const out = new Float64Array(sizeOf(type!.shape));
    const kept = positions(condition!.data, size);
    let to = 0;
    for (let o = 0; o < outer; o++) {
      for (const position of kept) {
        const from = (o * size + position) * inner;
        for (let i = 0; i < inner; i++) out[to++] = x!.data[from + i];
      }
    }
    return [out];
  },
  vjp(b, { inputs: [x, condition], attrs }, [dy]) {
    const { shape, axis } = selectedAxis(b.shape(x), attrs);
    const kept = positions(toFloat64(b.constantOf(condition)!.data), shape[axis]);
    return [b.reshape(axisMapAdjoint(b, dy!, axis, kept, shape[axis]), b.shape(x)), null];
  },
  examples: [
    { name: 'rows', attrs: { axis: 0 }, inputs: [[3, 2], tensor('bool', [3], [0, 1, 1])] },
    { name: 'columns, short condition', attrs: { axis: -1 }, inputs: [[2, 4], tensor('bool', [3], [1, 0, 1])] },
    { name: 'elements', inputs: [[3, 2], tensor('bool', [5], [0, 1, 0, 1, 1])] },
    { name: 'nothing', attrs: { axis: 1 }, inputs: [[2, 2], tensor('bool', [2], [0, 0])], flat: true },
  ],
});

/** Without an axis the tensor counts as a vector. */
function selectedAxis(shape: Shape, { axis }: CompressAttrs): { shape: Shape; axis: number } {
  return axis === undefined ? { shape: [sizeOf(shape)], axis: 0 } : { shape, axis: normalizeAxis(axis, shape.length) };
}

function positions(condition: ArrayLike<number>, size: number): number[] {
  return Array.from({ length: Math.min(condition.length, size) }, (_, i) => i).filter((i) => condition[i] !== 0);
}
