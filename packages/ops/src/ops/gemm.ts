import { shapeError, type Shape } from '@pathwise/model';
import type { OpDef } from '@pathwise/graph';
import { broadcastIndex, broadcastShapes } from '../broadcast.ts';
import { defineOp } from '../define-op.ts';
import { addProduct, type MatrixView } from '../families/matrix-product.ts';
import { bilinearIn } from '../linearity.ts';

type GemmAttrs = { alpha: number; beta: number; transA: number; transB: number };

/** alpha A' B' + beta C for matrices A' [m, k] and B' [k, n], transposed on request; C broadcasts to [m, n]. */
export const gemm: OpDef = defineOp<GemmAttrs>({
  name: 'Gemm',
  code: 0x0401,
  inputs: ['differentiable', 'differentiable', 'differentiable'],
  required: 2,
  attrs: {
    alpha: { type: 'float', default: 1 },
    beta: { type: 'float', default: 1 },
    transA: { type: 'int', default: 0 },
    transB: { type: 'int', default: 0 },
  },
  relevance: 'weighted-linear',
  affine: bilinearIn(0, 1, 2),
  piecewiseLinear: bilinearIn(0, 1, 2),
  kinks: false,
  infer([a, b, c], attrs) {
    const { m, n } = sizesOf(a!.shape, b!.shape, attrs);
    if (c && broadcastShapes(c.shape, [m, n]).join() !== `${m},${n}`) {
      throw shapeError('gemm', 'C', `broadcasting to [${m},${n}]`, c.shape);
    }
    return [{ dtype: a!.dtype, shape: [m, n] }];
  },
  forward([a, b, c], attrs) {
    const { m, n, k } = sizesOf(a!.shape, b!.shape, attrs);
    const out = new Float64Array(m * n);
    addProduct(
      m,
      n,
      k,
      viewOf(a!.data, a!.shape[1], attrs.transA),
      viewOf(b!.data, b!.shape[1], attrs.transB),
      viewOf(out, n, 0),
    );
    if (attrs.alpha !== 1) for (let i = 0; i < out.length; i++) out[i] *= attrs.alpha;
    if (c) {
      const at = broadcastIndex(c.shape, [m, n]);
      for (let i = 0; i < out.length; i++) out[i] += attrs.beta * c.data[at[i]];
    }
    return [out];
  },
  vjp(b, { inputs: [x, y, c], attrs: { alpha, beta, transA, transB }, needs }, [dy]) {
    const product = (p: string, tp: number, q: string, tq: number): string =>
      b.gemm(p, q, null, { alpha, transA: tp, transB: tq });
    const dx = transA ? (): string => product(y, transB, dy!, 1) : (): string => product(dy!, 0, y, 1 - transB);
    const dw = transB ? (): string => product(dy!, 1, x, transA) : (): string => product(x, 1 - transA, dy!, 0);
    return [
      needs[0] ? dx() : null,
      needs[1] ? dw() : null,
      needs[2] ? b.sumTo(beta === 1 ? dy! : b.mul(dy!, beta), b.shape(c)) : null,
    ];
  },
  examples: [
    { name: 'dense layer', inputs: [[1, 5], [5, 3], [3]] },
    { name: 'weights [out, in]', attrs: { transB: 1 }, inputs: [[1, 5], [3, 5], [3]] },
    {
      name: 'no bias',
      inputs: [
        [2, 3],
        [3, 4],
      ],
    },
    {
      name: 'both transposed, scaled',
      attrs: { alpha: 0.5, beta: -1.5, transA: 1, transB: 1 },
      inputs: [
        [5, 6],
        [3, 5],
        [6, 1],
      ],
    },
    { name: 'A transposed, scalar bias', attrs: { transA: 1 }, inputs: [[3, 2], [3, 4], []] },
    {
      name: 'full bias',
      attrs: { beta: 0.25 },
      inputs: [
        [2, 3],
        [3, 4],
        [2, 4],
      ],
    },
  ],
});

function sizesOf(a: Shape, b: Shape, { transA, transB }: GemmAttrs): { m: number; n: number; k: number } {
  if (a.length !== 2) throw shapeError('gemm', 'A', 'of two axes', a);
  const [m, k] = transA ? [a[1], a[0]] : [a[0], a[1]];
  const [depth, n] = transB ? [b[1], b[0]] : [b[0], b[1]];
  if (b.length !== 2 || depth !== k) throw shapeError('gemm', 'B', transB ? `[n,${k}]` : `[${k},n]`, b);
  return { m, n, k };
}

function viewOf(data: Float64Array, columns: number, transpose: number): MatrixView {
  return transpose
    ? { data, offset: 0, rowStride: 1, columnStride: columns }
    : { data, offset: 0, rowStride: columns, columnStride: 1 };
}
