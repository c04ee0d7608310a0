import { float32, tensor } from '@pathwise/model';
import type { OpDef } from '@pathwise/graph';
import { quantizedProduct } from '../families/quantized-product.ts';
import { matMul } from './mat-mul.ts';

/** MatMul of quantized matrices; scales are one in all, or one a row of a and a column of b. */
export const qLinearMatMul: OpDef = quantizedProduct({
  name: 'QLinearMatMul',
  code: 0x0629,
  base: matMul,
  scaleAxes: (a, b) => [Math.max(0, a.length - 2), b.length - 1],
  bias: false,
  examples: [
    {
      name: 'scales of columns',
      inputs: [
        tensor('uint8', [1, 2], [130, 120]),
        float32([], [0.1]),
        tensor('uint8', [], [128]),
        tensor('int8', [2, 3], [1, -1, 0, 5, 2, -2]),
        float32([3], [0.5, 0.25, 1]),
        tensor('int8', [3], [0, 1, -1]),
        float32([], [0.05]),
        tensor('uint8', [], [100]),
      ],
    },
  ],
});
