import { argumentError, int64, type Shape } from '@pathwise/model';
import type { OpDef, TensorType } from '@pathwise/graph';
import { aroundAxis, normalizeAxis } from '../axes.ts';
import { constantInts } from '../constants.ts';
import { defineOp } from '../define-op.ts';
import { jointlyIn } from '../linearity.ts';

type SplitAttrs = { axis: number; num_outputs?: number };

/** Cuts an axis into consecutive parts: of the sizes `split`, or equal ones of which the last may be smaller. */
export const split: OpDef = defineOp<SplitAttrs>({
  name: 'Split',
  code: 0x060d,
  inputs: ['differentiable', 'index'],
  required: 1,
  maxOutputs: Infinity,
  attrs: { axis: { type: 'int', default: 0 }, num_outputs: { type: 'int' } },
  relevance: 'shape',
  affine: jointlyIn(0),
  piecewiseLinear: jointlyIn(0),
  kinks: false,
  infer([x, sizesInput], attrs, outputs) {
    const axis = normalizeAxis(attrs.axis, x!.shape.length);
    const wanted = sizesInput ? constantInts(sizesInput, 'split') : undefined;
    if (!wanted && (attrs.num_outputs ?? outputs) !== outputs) {
      throw argumentError('split', 'num_outputs', `${outputs}, the number of outputs`, attrs.num_outputs);
    }
    const sizes = partSizes(x!.shape, axis, wanted, outputs);
    if (sizes.length !== outputs) throw argumentError('split', 'split', `${outputs} sizes, one an output`, sizes);
    return sizes.map((size): TensorType => ({ dtype: x!.dtype, shape: x!.shape.with(axis, size) }));
  },
  forward([x, sizesInput], attrs, types) {
    const axis = normalizeAxis(attrs.axis, x!.shape.length);
    const { outer, size, inner } = aroundAxis(x!.shape, axis);
    const wanted = sizesInput ? Array.from(sizesInput.data) : undefined;
    let at = 0;
    return partSizes(x!.shape, axis, wanted, types.length).map((part) => {
      const block = part * inner;
      const out = new Float64Array(outer * block);
      for (let o = 0; o < outer; o++) {
        const from = (o * size + at) * inner;
        out.set(x!.data.subarray(from, from + block), o * block);
      }
      at += part;
      return out;
    });
  },
  vjp(b, { inputs, outputs, attrs }, dys) {
    const shape = b.shape(inputs[0]);
    const axis = normalizeAxis(attrs.axis, shape.length);
    const sizesInput = inputs[1] ? { ...b.type(inputs[1]), value: b.constantOf(inputs[1])! } : undefined;
    const wanted = sizesInput && constantInts(sizesInput, 'split');
    const sizes = partSizes(shape, axis, wanted, outputs.length);
    const like = dys.find((dy) => dy !== null)!;
    const parts = sizes.map((size, i) => dys[i] ?? b.zeros(shape.with(axis, size), like));
    return [b.concat(parts, axis), null];
  },
  examples: [
    { name: 'equal parts', inputs: [[6]], outputs: 3 },
    { name: 'sizes', attrs: { axis: 1 }, inputs: [[2, 6, 2], int64([3], [1, 3, 2])], outputs: 3 },
    { name: 'last part smaller', attrs: { axis: -1, num_outputs: 3 }, inputs: [[2, 7]], outputs: 3 },
    { name: 'one part', attrs: { axis: 0 }, inputs: [[3, 2]], outputs: 1 },
  ],
});

/** Sizes of the parts of an axis that is split. */
export function partSizes(shape: Shape, axis: number, wanted: readonly number[] | undefined, count: number): number[] {
  const size = shape[axis];
  if (wanted !== undefined) {
    if (wanted.some((part) => part < 0) || wanted.reduce((sum, part) => sum + part, 0) !== size) {
      throw argumentError('split', 'split', `sizes that add up to ${size}`, wanted);
    }
    return [...wanted];
  }
  const part = Math.ceil(size / count);
  return Array.from({ length: count }, (_, i) => Math.max(0, Math.min(part, size - i * part)));
}
