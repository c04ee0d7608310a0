import { int64, PathwiseError } from '@pathwise/model';
import type { OpDef } from '@pathwise/graph';
import { defineOp } from '../define-op.ts';
import { jointlyIn } from '../linearity.ts';

type TriluAttrs = { upper: number };

/** The upper (or lower) triangle of the last two axes, diagonal k included; zeros elsewhere. */
export const trilu: OpDef = defineOp<TriluAttrs>({
  name: 'Trilu',
  code: 0x061a,
  inputs: ['differentiable', 'index'],
  required: 1,
  attrs: { upper: { type: 'int', default: 1 } },
  relevance: 'shape',
  affine: jointlyIn(0),
  piecewiseLinear: jointlyIn(0),
  kinks: false,
  infer([x]) {
    if (x!.shape.length < 2) throw new PathwiseError('BAD_SHAPE', `expected matrices, got [${x!.shape.join(',')}]`);
    return [{ dtype: x!.dtype, shape: x!.shape }];
  },
  forward([x, kInput], { upper }) {
    const [rows, columns] = x!.shape.slice(-2);
    const k = kInput ? kInput.data[0] : 0;
    const out = x!.data.slice();
    for (let i = 0; i < out.length; i++) {
      const column = i % columns;
      const row = Math.floor(i / columns) % rows;
      if (upper === 1 ? column < row + k : column > row + k) out[i] = 0;
    }
    return [out];
  },
  vjp: (b, { inputs: [, k], attrs }, [dy]) => [b.emit('Trilu', [dy!, ...(k === undefined ? [] : [k])], attrs), null],
  examples: [
    { name: 'upper', inputs: [[3, 4]] },
    { name: 'lower', attrs: { upper: 0 }, inputs: [[2, 3, 3]] },
    { name: 'upper above the diagonal', inputs: [[3, 3], int64([], [1])] },
    { name: 'lower with more', attrs: { upper: 0 }, inputs: [[3, 4], int64([], [1])] },
  ],
});
