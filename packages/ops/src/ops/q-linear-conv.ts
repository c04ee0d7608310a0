import { float32, tensor } from '@pathwise/model';
import type { OpDef } from '@pathwise/graph';
import { quantizedProduct } from '../families/quantized-product.ts';
import { conv } from './conv.ts';

/** Conv of quantized tensors; the weight's scales are one in all or one an output channel. */
export const qLinearConv: OpDef = quantizedProduct({
  name: 'QLinearConv',
  code: 0x062a,
  base: conv,
  scaleAxes: () => [1, 0],
  bias: true,
  examples: [
    {
      name: 'scales of channels, bias',
      inputs: [
        tensor('uint8', [1, 1, 2, 2], [10, 20, 30, 40]),
        float32([], [0.1]),
        tensor('uint8', [], [15]),
        tensor('int8', [2, 1, 1, 1], [2, -3]),
        float32([2], [0.5, 0.25]),
        tensor('int8', [2], [0, 1]),
        float32([], [0.05]),
        tensor('uint8', [], [100]),
        tensor('int32', [2], [3, -4]),
      ],
    },
  ],
});
