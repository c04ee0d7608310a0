import { int64, PathwiseError, sizeOf, type Shape } from '@pathwise/model';
import type { OpDef } from '@pathwise/graph';
import { constantInts } from '../constants.ts';
import { reshaping } from '../families/reshaping.ts';

type ReshapeAttrs = { allowzero: number };

/** In the wanted shape, -1 (once) is inferred from the number of elements and 0 keeps the input's size, unless `allowzero`. */
export const reshape: OpDef = reshaping<ReshapeAttrs>({
  name: 'Reshape',
  code: 0x0601,
  parameters: ['index'],
  attrs: { allowzero: { type: 'int', default: 0 } },
  shape: (x, [shape], { allowzero }) => resolveShape(x, constantInts(shape, 'shape'), allowzero === 1),
  examples: [
    { name: 'split and merge axes', inputs: [[2, 6], int64([3], [3, 2, 2])] },
    { name: 'inferred size', inputs: [[2, 3, 4], int64([2], [4, -1])] },
    { name: 'kept size', inputs: [[2, 3, 4], int64([3], [0, -1, 2])] },
    { name: 'to a scalar', inputs: [[1, 1], int64([0], [])] },
  ],
});

function resolveShape(from: Shape, wanted: readonly number[], allowZero: boolean): number[] {
  const fail = (): never => {
    throw new PathwiseError(
      'BAD_SHAPE',
      `a tensor of shape [${from.join(',')}] cannot be given the shape [${wanted.join(',')}]`,
    );
  };
  const shape = wanted.map((size, axis) => (size === 0 && !allowZero ? (from[axis] ?? fail()) : size));
  const open = shape.indexOf(-1);
  if (open !== shape.lastIndexOf(-1) || shape.some((size) => size < -1)) fail();
  if (open >= 0) {
    const known = sizeOf(shape.filter((size) => size !== -1));
    if (known === 0) fail();
    shape[open] = sizeOf(from) / known;
    if (!Number.isInteger(shape[open])) fail();
  }
  return shape;
}
