import { argumentError, stridesOf } from '@pathwise/model';
import type { OpDef } from '@pathwise/graph';
import { stridedIndex } from '../broadcast.ts';
import { defineOp } from '../define-op.ts';
import { take } from '../families/movement.ts';
import { jointly } from '../linearity.ts';

type TransposeAttrs = { perm?: readonly number[] };

/** Axis i of the result is axis perm[i] of the input; by default the axes are reversed. */
export const transpose: OpDef = defineOp<TransposeAttrs>({
  name: 'Transpose',
  code: 0x0605,
  inputs: ['differentiable'],
  attrs: { perm: { type: 'ints' } },
  relevance: 'shape',
  affine: jointly,
  piecewiseLinear: jointly,
  kinks: false,
  infer([x], attrs) {
    const perm = permutation(attrs, x!.shape.length);
    return [{ dtype: x!.dtype, shape: perm.map((axis) => x!.shape[axis]) }];
  },
  forward([x], attrs, [type]) {
    const strides = stridesOf(x!.shape);
    const perm = permutation(attrs, x!.shape.length);
    return [
      take(
        x!.data,
        stridedIndex(
          type!.shape,
          perm.map((axis) => strides[axis]),
        ),
      ),
    ];
  },
  vjp(b, { inputs, attrs }, [dy]) {
    const perm = permutation(attrs, b.shape(inputs[0]).length);
    const inverse = new Array<number>(perm.length);
    for (const [i, axis] of perm.entries()) inverse[axis] = i;
    return [b.transpose(dy!, inverse)];
  },
  examples: [
    { name: 'reversed by default', inputs: [[2, 3, 4]] },
    { name: 'cyclic', attrs: { perm: [1, 2, 0] }, inputs: [[2, 3, 4]] },
    { name: 'batched matrix', attrs: { perm: [0, 1, 3, 2] }, inputs: [[1, 2, 3, 4]] },
    { name: 'scalar', inputs: [[]] },
  ],
});

function permutation({ perm }: TransposeAttrs, rank: number): readonly number[] {
  const chosen = perm ?? Array.from({ length: rank }, (_, i) => rank - 1 - i);
  if (chosen.length !== rank || [...chosen].sort((a, b) => a - b).some((axis, i) => axis !== i)) {
    throw argumentError('transpose', 'perm', `a permutation of ${rank} axes`, chosen);
  }
  return chosen;
}
