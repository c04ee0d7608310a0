import { PathwiseError, sizeOf, type DType } from '@pathwise/model';
import type { OpDef } from '@pathwise/graph';
import { defineOp } from '../define-op.ts';
import { never } from '../linearity.ts';

type EyeLikeAttrs = { dtype?: DType; k: number };

/** Ones on diagonal k, zeros elsewhere, in the shape of the input. Known while the graph is built. */
export const eyeLike: OpDef = defineOp<EyeLikeAttrs>({
  name: 'EyeLike',
  code: 0x0619,
  inputs: ['zero-gradient'],
  typeOnly: true,
  attrs: { dtype: { type: 'string' }, k: { type: 'int', default: 0 } },
  relevance: 'stop',
  affine: never,
  piecewiseLinear: never,
  kinks: false,
  infer([x], { dtype }) {
    if (x!.shape.length !== 2) throw new PathwiseError('BAD_SHAPE', `expected a matrix, got [${x!.shape.join(',')}]`);
    return [{ dtype: dtype ?? x!.dtype, shape: x!.shape }];
  },
  forward([x], { k }) {
    const [rows, columns] = x!.shape;
    const out = new Float64Array(sizeOf(x!.shape));
    for (let i = 0; i < rows; i++) if (i + k >= 0 && i + k < columns) out[i * columns + i + k] = 1;
    return [out];
  },
  examples: [
    { name: 'square', inputs: [[3, 3]] },
    { name: 'below the diagonal', attrs: { k: -1, dtype: 'float64' }, inputs: [[3, 4]] },
  ],
});
