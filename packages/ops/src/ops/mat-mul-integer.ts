import { tensor } from '@pathwise/model';
import type { OpDef } from '@pathwise/graph';
import { integerProduct } from '../families/integer-product.ts';
import { matMul } from './mat-mul.ts';

/** (A - a_zero_point)(B - b_zero_point) in int32; zero points are one in all, or one a row of A and a column of B. */
export const matMulInteger: OpDef = integerProduct({
  name: 'MatMulInteger',
  code: 0x0627,
  base: matMul,
  zeroPointAxes: (a, b) => [Math.max(0, a.length - 2), b.length - 1],
  examples: [
    {
      name: 'zero points of rows and columns',
      inputs: [
        tensor('uint8', [2, 2], [1, 2, 3, 4]),
        tensor('int8', [2, 3], [1, -1, 0, 5, 2, -2]),
        tensor('uint8', [2], [1, 2]),
        tensor('int8', [3], [0, 1, -1]),
      ],
    },
  ],
});
