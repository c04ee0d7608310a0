import { float32, int64, sizeOf } from '@pathwise/model';
import type { OpDef } from '@pathwise/graph';
import { aroundAxis, normalizeAxis } from '../axes.ts';
import { constantNumber } from '../constants.ts';
import { defineOp } from '../define-op.ts';
import { jointlyIn } from '../linearity.ts';

type OneHotAttrs = { axis: number };

/** values[1] where the new axis meets the index, values[0] elsewhere; an index outside of [-depth, depth) sets nothing. */
export const oneHot: OpDef = defineOp<OneHotAttrs>({
  name: 'OneHot',
  code: 0x0618,
  inputs: ['index', 'index', 'differentiable'],
  attrs: { axis: { type: 'int', default: -1 } },
  relevance: 'stop',
  affine: jointlyIn(2),
  piecewiseLinear: jointlyIn(2),
  kinks: false,
  infer([indices, depthInput, values], attrs) {
    const axis = normalizeAxis(attrs.axis, indices!.shape.length + 1);
    const depth = Math.trunc(constantNumber(depthInput, 'depth'));
    return [{ dtype: values!.dtype, shape: indices!.shape.toSpliced(axis, 0, depth) }];
  },
  forward([indices, , values], attrs, [type]) {
    const { size: depth, inner } = aroundAxis(type!.shape, normalizeAxis(attrs.axis, type!.shape.length));
    const [off, on] = values!.data;
    const out = new Float64Array(sizeOf(type!.shape)).fill(off);
    for (let i = 0; i < indices!.data.length; i++) {
      const index = Math.trunc(indices!.data[i]);
      if (index < -depth || index >= depth) continue;
      const position = index < 0 ? index + depth : index;
      out[(Math.floor(i / inner) * depth + position) * inner + (i % inner)] = on;
    }
    return [out];
  },
  vjp(b, { inputs: [indices, depth], attrs }, [dy]) {
    const hot = b.emit('OneHot', [indices, depth, b.castLike(float32([2], [0, 1]), dy!)], attrs);
    const total = (x: string): string => b.reshape(b.emit('ReduceSum', [x], { keepdims: 0 }), [1]);
    const on = total(b.mul(hot, dy!));
    return [null, null, b.concat([b.sub(total(dy!), on), on], 0)];
  },
  examples: [
    { name: 'last axis', inputs: [int64([3], [1, -1, 0]), int64([], [4]), [2]] },
    { name: 'first axis', attrs: { axis: 0 }, inputs: [int64([2, 2], [1, 2, 0, 7]), int64([1], [3]), [2]] },
    { name: 'middle axis', attrs: { axis: 1 }, inputs: [int64([2, 2], [1, 2, 0, -9]), int64([], [3]), [2]] },
  ],
});
