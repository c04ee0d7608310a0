import { sizeOf } from '@pathwise/model';
import type { OpDef } from '@pathwise/graph';
import { aroundAxis, normalizeAxis } from '../axes.ts';
import { defineOp } from '../define-op.ts';
import { never } from '../linearity.ts';
import { reducedShape } from './reduction.ts';

type ArgAttrs = { axis: number; keepdims: number; select_last_index: number };

/** Index of the largest (sign 1) or smallest (sign -1) element along an axis; of equal ones the first unless asked. */
export function argExtremum(name: string, code: number, sign: 1 | -1): OpDef {
  return defineOp<ArgAttrs>({
    name,
    code,
    inputs: ['zero-gradient'],
    attrs: {
      axis: { type: 'int', default: 0 },
      keepdims: { type: 'int', default: 1 },
      select_last_index: { type: 'int', default: 0 },
    },
    relevance: 'stop',
    affine: never,
    piecewiseLinear: never,
    kinks: true,
    infer([x], { axis, keepdims }) {
      const shape = reducedShape(x!.shape, [normalizeAxis(axis, x!.shape.length)], keepdims === 1);
      return [{ dtype: 'int64', shape }];
    },
    forward([x], { axis, select_last_index }, [type]) {
      const { size, inner } = aroundAxis(x!.shape, normalizeAxis(axis, x!.shape.length));
      const out = new Float64Array(sizeOf(type.shape));
      for (let i = 0; i < out.length; i++) {
        const base = Math.floor(i / inner) * size * inner + (i % inner);
        let best = 0;
        for (let k = 1; k < size; k++) {
          const gain = sign * (x!.data[base + k * inner] - x!.data[base + best * inner]);
          if (gain > 0 || (gain === 0 && select_last_index === 1)) best = k;
        }
        out[i] = best;
      }
      return [out];
    },
    examples: [
      { name: 'first axis', inputs: [[2, 3]] },
      { name: 'last axis, not kept', attrs: { axis: -1, keepdims: 0, select_last_index: 1 }, inputs: [[2, 3, 2]] },
    ],
  });
}
