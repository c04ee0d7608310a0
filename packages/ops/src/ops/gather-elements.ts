import { int64 } from '@pathwise/model';
import type { OpDef } from '@pathwise/graph';
import { normalizeAxis } from '../axes.ts';
import { defineOp } from '../define-op.ts';
import { elementIndex } from '../families/element-index.ts';
import { take } from '../families/movement.ts';
import { jointlyIn } from '../linearity.ts';

type GatherElementsAttrs = { axis: number };

/** y[i, j] = data[indices[i, j], j] for axis 0. */
export const gatherElements: OpDef = defineOp<GatherElementsAttrs>({
  name: 'GatherElements',
  code: 0x060b,
  inputs: ['differentiable', 'index'],
  attrs: { axis: { type: 'int', default: 0 } },
  relevance: 'shape',
  affine: jointlyIn(0),
  piecewiseLinear: jointlyIn(0),
  kinks: false,
  infer: ([data, indices]) => [{ dtype: data!.dtype, shape: indices!.shape }],
  forward: ([data, indices], { axis }) => [
    take(data!.data, elementIndex(data!.shape, indices!, normalizeAxis(axis, data!.shape.length))),
  ],
  vjp: (b, { inputs: [data, indices], attrs: { axis } }, [dy]) => [
    b.emit('ScatterElements', [b.zeros(b.shape(data), dy!), indices, dy!], { axis, reduction: 'add' }),
    null,
  ],
  examples: [
    { name: 'rows with repeats', inputs: [[3, 2], int64([4, 2], [0, 2, 1, 1, 0, -1, 2, 0])] },
    { name: 'last axis, fewer rows', attrs: { axis: -1 }, inputs: [[3, 4], int64([2, 2], [3, 0, 1, 1])] },
    { name: 'middle axis', attrs: { axis: 1 }, inputs: [[2, 3, 2], int64([2, 1, 2], [2, 0, 1, -3])] },
  ],
});
