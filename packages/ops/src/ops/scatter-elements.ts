import { float32, int64, sameShape, shapeError } from '@pathwise/model';
import type { OpDef } from '@pathwise/graph';
import { normalizeAxis } from '../axes.ts';
import { defineOp } from '../define-op.ts';
import { elementIndex } from '../families/element-index.ts';
import {
  linearScatter,
  SCATTER_REDUCTIONS,
  scatterGradient,
  scatterInto,
  type ScatterReduction,
} from '../families/scatter.ts';

type ScatterElementsAttrs = { axis: number; reduction: ScatterReduction };

/** A copy of data in which, for axis 0, y[indices[i, j], j] is replaced by or combined with updates[i, j]. */
export const scatterElements: OpDef = defineOp<ScatterElementsAttrs>({
  name: 'ScatterElements',
  code: 0x060c,
  inputs: ['differentiable', 'index', 'differentiable'],
  attrs: {
    axis: { type: 'int', default: 0 },
    reduction: { type: 'string', default: 'none', oneOf: SCATTER_REDUCTIONS },
  },
  relevance: 'shape',
  affine: linearScatter,
  piecewiseLinear: linearScatter,
  kinks: false,
  infer([data, indices, updates]) {
    if (!sameShape(indices!.shape, updates!.shape)) {
      throw shapeError('scatterElements', 'updates', `[${indices!.shape.join(',')}] as indices`, updates!.shape);
    }
    return [{ dtype: data!.dtype, shape: data!.shape }];
  },
  forward([data, indices, updates], { axis, reduction }) {
    const out = data!.data.slice();
    const at = elementIndex(data!.shape, indices!, normalizeAxis(axis, data!.shape.length));
    scatterInto(out, at, updates!.data, reduction);
    return [out];
  },
  vjp(b, { inputs: [data, indices, updates], outputs: [out], attrs: { axis, reduction } }, [dy]) {
    const [dData, dUpdates] = scatterGradient(
      b,
      {
        data,
        updates,
        out,
        dy: dy!,
        scatter: (x, u, how) => b.emit('ScatterElements', [x, indices, u], { axis, reduction: how }),
        gather: (x) => b.emit('GatherElements', [x, indices], { axis }),
      },
      reduction,
    );
    return [dData, null, dUpdates];
  },
  examples: [
    { name: 'replaced', inputs: [[3, 3], int64([2, 2], [1, 0, -1, 2]), [2, 2]] },
    {
      name: 'added, with repeats',
      attrs: { axis: 1, reduction: 'add' },
      inputs: [[2, 4], int64([2, 3], [1, 1, -1, 0, 2, 2]), [2, 3]],
    },
    {
      name: 'multiplied',
      attrs: { axis: -1, reduction: 'mul' },
      inputs: [[2, 3], int64([2, 3], [1, 1, -1, 0, 2, 2]), [2, 3]],
    },
    {
      name: 'multiplied onto zeros',
      attrs: { axis: 0, reduction: 'mul' },
      inputs: [float32([3], [0, 2, 0]), int64([4], [0, 0, 1, 1]), [4]],
    },
    {
      name: 'multiplied by one zero and by two',
      attrs: { axis: 0, reduction: 'mul' },
      inputs: [[3], int64([4], [0, 1, 1, 2]), float32([4], [0, 0, 0, 3])],
    },
    { name: 'maximum', attrs: { reduction: 'max' }, inputs: [[3, 2], int64([3, 2], [0, 1, 0, 1, 0, 2]), [3, 2]] },
    { name: 'minimum', attrs: { reduction: 'min' }, inputs: [[3, 2], int64([3, 2], [0, 1, 0, 1, 0, 2]), [3, 2]] },
  ],
});
