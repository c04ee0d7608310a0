import { argumentError, int64, sameShape, sizeOf } from '@pathwise/model';
import type { OpDef } from '@pathwise/graph';
import { stridedIndex } from '../broadcast.ts';
import type { OpBuilder } from '../builder.ts';
import { defineOp } from '../define-op.ts';
import { take } from '../families/movement.ts';
import { tupleOffsets, tupleShape, withInner } from '../families/tuple-index.ts';
import { jointlyIn } from '../linearity.ts';

type GatherNDAttrs = { batch_dims: number };

/** The slices of `data` that the index tuples along the last axis of `indices` point to. */
export const gatherND: OpDef = defineOp<GatherNDAttrs>({
  name: 'GatherND',
  code: 0x0613,
  inputs: ['differentiable', 'index'],
  attrs: { batch_dims: { type: 'int', default: 0 } },
  relevance: 'shape',
  affine: jointlyIn(0),
  piecewiseLinear: jointlyIn(0),
  kinks: false,
  infer([data, indices], { batch_dims: batchDims }) {
    const shape = tupleShape(data!.shape, indices!.shape, batchDims);
    if (batchDims < 0 || !sameShape(data!.shape.slice(0, batchDims), indices!.shape.slice(0, batchDims))) {
      throw argumentError('gatherND', 'batch_dims', 'leading axes that data and indices share', batchDims);
    }
    return [{ dtype: data!.dtype, shape }];
  },
  forward([data, indices], { batch_dims: batchDims }) {
    const inner = sizeOf(data!.shape.slice(batchDims + indices!.shape.at(-1)!));
    return [take(data!.data, withInner(tupleOffsets(data!.shape, indices!, batchDims), inner))];
  },
  vjp(b, { inputs: [data, indices], attrs: { batch_dims: batchDims } }, [dy]) {
    const full = withBatchCoordinates(b, indices, batchDims);
    return [b.emit('ScatterND', [b.zeros(b.shape(data), dy!), full, dy!], { reduction: 'add' }), null];
  },
  examples: [
    { name: 'elements', inputs: [[2, 3], int64([3, 2], [0, 0, 1, -1, 0, 0])] },
    { name: 'slices', inputs: [[3, 2, 2], int64([2, 1], [2, 0])] },
    { name: 'batched', attrs: { batch_dims: 1 }, inputs: [[2, 3, 2], int64([2, 2, 1], [1, 0, 2, 2])] },
    {
      name: 'two batch axes',
      attrs: { batch_dims: 2 },
      inputs: [[2, 2, 3, 2], int64([2, 2, 1], [1, 0, 2, 2])],
    },
  ],
});

/** Index tuples with the coordinates of the first `batchDims` axes put before them. */
function withBatchCoordinates(b: OpBuilder, indices: string, batchDims: number): string {
  if (batchDims === 0) return indices;
  const shape = b.shape(indices);
  const outer = shape.slice(0, -1);
  const columns = Array.from({ length: batchDims }, (_, axis) => {
    const position = stridedIndex(
      outer,
      outer.map((_size, i) => (i === axis ? 1 : 0)),
    );
    return b.constant(int64([...outer, 1], position));
  });
  return b.concat([...columns, indices], -1);
}
