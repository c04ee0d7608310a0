import { argumentError, int64, stridesOf, toFloat64, type Shape } from '@pathwise/model';
import type { OpDef } from '@pathwise/graph';
import { stridedIndex } from '../broadcast.ts';
import { constantInts } from '../constants.ts';
import { defineOp } from '../define-op.ts';
import { take } from '../families/movement.ts';
import { jointlyIn } from '../linearity.ts';

/** The whole input repeated along each axis. */
export const tile: OpDef = defineOp({
  name: 'Tile',
  code: 0x0615,
  inputs: ['differentiable', 'index'],
  attrs: {},
  relevance: 'shape',
  affine: jointlyIn(0),
  piecewiseLinear: jointlyIn(0),
  kinks: false,
  infer([x, repeatsInput]) {
    const repeats = constantInts(repeatsInput, 'repeats');
    if (repeats.length !== x!.shape.length || repeats.some((r) => r < 0)) {
      throw argumentError('tile', 'repeats', `${x!.shape.length} numbers >= 0`, repeats);
    }
    return [{ dtype: x!.dtype, shape: x!.shape.map((size, axis) => size * repeats[axis]) }];
  },
  forward([x, repeats]) {
    const strides = stridesOf(x!.shape);
    const index = stridedIndex(
      interleave(Array.from(repeats!.data), x!.shape),
      interleave(
        strides.map(() => 0),
        strides,
      ),
    );
    return [take(x!.data, index)];
  },
  vjp(b, { inputs: [x, repeatsRef] }, [dy]) {
    const shape = b.shape(x);
    const repeats = Array.from(toFloat64(b.constantOf(repeatsRef)!.data));
    const axes = repeats.map((_, axis) => 2 * axis).filter((axis) => repeats[axis / 2] !== 1);
    const apart = b.reshape(dy!, interleave(repeats, shape));
    return [b.reshape(axes.length === 0 ? apart : b.reduceSum(apart, axes), shape), null];
  },
  examples: [
    { name: 'both axes', inputs: [[2, 3], int64([2], [2, 3])] },
    { name: 'one axis', inputs: [[2, 1, 3], int64([3], [1, 4, 1])] },
    { name: 'vector', inputs: [[3], int64([1], [2])] },
    { name: 'once', inputs: [[2, 2], int64([2], [1, 1])] },
  ],
});

function interleave(a: readonly number[], b: Shape): number[] {
  return a.flatMap((value, i) => [value, b[i]]);
}
