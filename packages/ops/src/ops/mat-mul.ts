import { shapeError, sizeOf, type Shape } from '@pathwise/model';
import type { OpDef } from '@pathwise/graph';
import { broadcastIndex, broadcastShapes } from '../broadcast.ts';
import type { OpBuilder } from '../builder.ts';
import { defineOp } from '../define-op.ts';
import { addProduct, type MatrixView } from '../families/matrix-product.ts';
import { bilinearIn } from '../linearity.ts';

/** Matrix product of the last two axes; the others broadcast. A vector is a row on the left, a column on the right. */
export const matMul: OpDef = defineOp({
  name: 'MatMul',
  code: 0x0400,
  inputs: ['differentiable', 'differentiable'],
  attrs: {},
  relevance: 'weighted-linear',
  affine: bilinearIn(0, 1),
  piecewiseLinear: bilinearIn(0, 1),
  kinks: false,
  infer([a, b]) {
    const { batch, m, n } = productOf(a!.shape, b!.shape);
    const rows = a!.shape.length > 1 ? [m] : [];
    const columns = b!.shape.length > 1 ? [n] : [];
    return [{ dtype: a!.dtype, shape: [...batch, ...rows, ...columns] }];
  },
  forward([a, b]) {
    const { batch, m, n, k, aBatch, bBatch } = productOf(a!.shape, b!.shape);
    const count = sizeOf(batch);
    const out = new Float64Array(count * m * n);
    if (sizeOf(bBatch) === 1) {
      // One matrix on the right: the batch of the left is more rows.
      addProduct(count * m, n, k, rowMajor(a!.data, 0, k), rowMajor(b!.data, 0, n), rowMajor(out, 0, n));
      return [out];
    }
    const ia = broadcastIndex(aBatch, batch);
    const ib = broadcastIndex(bBatch, batch);
    for (let i = 0; i < count; i++) {
      const [x, y] = [rowMajor(a!.data, ia[i] * m * k, k), rowMajor(b!.data, ib[i] * k * n, n)];
      addProduct(m, n, k, x, y, rowMajor(out, i * m * n, n));
    }
    return [out];
  },
  // dA = dY B^T, dB = A^T dY, summed over what was broadcast.
  vjp(b, { inputs: [x, y], needs }, [dy]) {
    const { batch, m, n, k, aBatch, bBatch } = productOf(b.shape(x), b.shape(y));
    const a2 = b.reshape(x, [...aBatch, m, k]);
    const b2 = b.reshape(y, [...bBatch, k, n]);
    const d2 = b.reshape(dy!, [...batch, m, n]);
    return [
      needs[0] ? b.reshape(b.sumTo(b.matmul(d2, flipped(b, b2)), b.shape(a2)), b.shape(x)) : null,
      needs[1] ? b.reshape(rightGradient(b, a2, b2, d2), b.shape(y)) : null,
    ];
  },
  examples: [
    {
      name: 'matrices',
      inputs: [
        [2, 3],
        [3, 4],
      ],
    },
    {
      name: 'larger than a tile',
      inputs: [
        [9, 7],
        [7, 5],
      ],
    },
    {
      name: 'batched',
      inputs: [
        [2, 3, 4],
        [2, 4, 2],
      ],
    },
    {
      name: 'one matrix on the right',
      inputs: [
        [2, 3, 4],
        [4, 5],
      ],
    },
    {
      name: 'batches broadcast both ways',
      inputs: [
        [2, 1, 3, 4],
        [3, 4, 2],
      ],
    },
    { name: 'vectors', inputs: [[4], [4]] },
    { name: 'row times matrices', inputs: [[3], [2, 3, 4]] },
    { name: 'matrices times column', inputs: [[2, 4, 3], [3]] },
    {
      name: 'sizes of one',
      inputs: [
        [1, 1],
        [1, 3],
      ],
    },
  ],
});

interface Product {
  readonly batch: readonly number[];
  readonly aBatch: Shape;
  readonly bBatch: Shape;
  readonly m: number;
  readonly n: number;
  readonly k: number;
}

function productOf(a: Shape, b: Shape): Product {
  const [aRank, bRank] = [a.length, b.length];
  const k = a[aRank - 1];
  const depth = bRank > 1 ? b[bRank - 2] : b[0];
  if (aRank === 0 || bRank === 0 || k !== depth) {
    throw shapeError('matmul', 'B', `[..., ${k}, n] for A [${a.join(',')}]`, b);
  }
  const aBatch = a.slice(0, Math.max(0, aRank - 2));
  const bBatch = b.slice(0, Math.max(0, bRank - 2));
  return {
    batch: broadcastShapes(aBatch, bBatch),
    aBatch,
    bBatch,
    m: aRank > 1 ? a[aRank - 2] : 1,
    n: bRank > 1 ? b[bRank - 1] : 1,
    k,
  };
}

function rowMajor(data: Float64Array, offset: number, columns: number): MatrixView {
  return { data, offset, rowStride: columns, columnStride: 1 };
}

function rightGradient(b: OpBuilder, x: string, y: string, d: string): string {
  const shape = b.shape(y);
  if (shape.length === 2 && b.shape(x).length > 2) {
    // One matrix shared by the whole batch: the sum over the batch is part of the product.
    const rows = sizeOf(b.shape(x).slice(0, -1));
    const [k, n] = shape;
    return b.matmul(flipped(b, b.reshape(x, [rows, k])), b.reshape(d, [rows, n]));
  }
  return b.sumTo(b.matmul(flipped(b, x), d), shape);
}

/** The last two axes exchanged. */
function flipped(b: OpBuilder, x: string): string {
  const axes = b.shape(x).map((_, axis) => axis);
  return b.transpose(x, [...axes.slice(0, -2), axes.length - 1, axes.length - 2]);
}
