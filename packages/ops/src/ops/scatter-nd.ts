import { int64, sameShape, shapeError, sizeOf } from '@pathwise/model';
import type { OpDef } from '@pathwise/graph';
import { defineOp } from '../define-op.ts';
import {
  linearScatter,
  SCATTER_REDUCTIONS,
  scatterGradient,
  scatterInto,
  type ScatterReduction,
} from '../families/scatter.ts';
import { tupleOffsets, tupleShape, withInner } from '../families/tuple-index.ts';

type ScatterNDAttrs = { reduction: ScatterReduction };

/** A copy of data in which the slices that the index tuples point to are replaced by, or combined with, the updates. */
export const scatterND: OpDef = defineOp<ScatterNDAttrs>({
  name: 'ScatterND',
  code: 0x0614,
  inputs: ['differentiable', 'index', 'differentiable'],
  attrs: { reduction: { type: 'string', default: 'none', oneOf: SCATTER_REDUCTIONS } },
  relevance: 'shape',
  affine: linearScatter,
  piecewiseLinear: linearScatter,
  kinks: false,
  infer([data, indices, updates]) {
    const expected = tupleShape(data!.shape, indices!.shape);
    if (!sameShape(expected, updates!.shape)) {
      throw shapeError('scatterND', 'updates', `[${expected.join(',')}]`, updates!.shape);
    }
    return [{ dtype: data!.dtype, shape: data!.shape }];
  },
  forward([data, indices, updates], { reduction }) {
    const out = data!.data.slice();
    const inner = sizeOf(data!.shape.slice(indices!.shape.at(-1)));
    scatterInto(out, withInner(tupleOffsets(data!.shape, indices!), inner), updates!.data, reduction);
    return [out];
  },
  vjp(b, { inputs: [data, indices, updates], outputs: [out], attrs: { reduction } }, [dy]) {
    const [dData, dUpdates] = scatterGradient(
      b,
      {
        data,
        updates,
        out,
        dy: dy!,
        scatter: (x, u, how) => b.emit('ScatterND', [x, indices, u], { reduction: how }),
        gather: (x) => b.emit('GatherND', [x, indices]),
      },
      reduction,
    );
    return [dData, null, dUpdates];
  },
  examples: [
    { name: 'elements', inputs: [[2, 3], int64([2, 2], [0, 1, 1, -1]), [2]] },
    { name: 'slices', inputs: [[4, 2, 2], int64([2, 1], [2, 0]), [2, 2, 2]] },
    {
      name: 'added, with repeats',
      attrs: { reduction: 'add' },
      inputs: [[4, 2], int64([3, 1], [2, 0, 2]), [3, 2]],
    },
    {
      name: 'multiplied, with repeats',
      attrs: { reduction: 'mul' },
      inputs: [[4, 2], int64([3, 1], [2, 0, 2]), [3, 2]],
    },
    { name: 'maximum', attrs: { reduction: 'max' }, inputs: [[3], int64([4, 1], [0, 1, 0, 1]), [4]] },
    { name: 'minimum', attrs: { reduction: 'min' }, inputs: [[3], int64([4, 1], [0, 1, 0, 1]), [4]] },
  ],
});
