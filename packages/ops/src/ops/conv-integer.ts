import { tensor } from '@pathwise/model';
import type { OpDef } from '@pathwise/graph';
import { integerProduct } from '../families/integer-product.ts';
import { conv } from './conv.ts';

/** Conv of (x - x_zero_point) with (w - w_zero_point) in int32; the latter may be one an output channel. */
export const convInteger: OpDef = integerProduct({
  name: 'ConvInteger',
  code: 0x0628,
  base: conv,
  zeroPointAxes: () => [1, 0],
  examples: [
    {
      name: 'with padding',
      attrs: { pads: [1, 1, 1, 1] },
      inputs: [
        tensor('uint8', [1, 1, 3, 3], [2, 3, 4, 5, 6, 7, 8, 9, 10]),
        tensor('uint8', [1, 1, 2, 2], [1, 1, 1, 1]),
        tensor('uint8', [], [1]),
      ],
    },
  ],
});
