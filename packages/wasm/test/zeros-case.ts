import { sizeOf, type Tensor } from '@pathwise/model';
import { graphBuilder } from '@pathwise/ops';
import { uniformFrom } from '../../model/testing/uniform.ts';
import { stacked, type OpCase } from './op-cases.ts';

export interface ZerosOptions {
  readonly rows: number;
  readonly seed: number;
  /** How much of the input is zero in the same places of every row. */
  readonly share: number;
  /** A row that is not zero anywhere, so that nothing may be left out. */
  readonly denseRow?: number;
  /** The first weight of the convolution of 1 x 1. */
  readonly firstWeight?: number;
}

/**
 * Products of an input with zeros: convolutions of 1 x 1, of 3 x 3 with strides, and by Winograd's algorithm, and a dense
 * layer.
 */
export function zerosCase({ rows, seed, share, denseRow, firstWeight }: ZerosOptions): OpCase {
  const draw = uniformFrom(seed);
  const value = (): number => Math.fround(2 * draw() - 1);
  const b = graphBuilder();
  const weights = (shape: readonly number[]): Tensor => ({ ...stacked([1, ...shape], 1, value), shape });
  const shape = [1, 24, 8, 9];
  const x = b.input('x', shape);
  const pointwise = weights([27, 24, 1, 1]);
  if (firstWeight !== undefined) pointwise.data[0] = firstWeight;
  const bias = weights([27]);
  // What a sum without terms is: of both zeros it has to be +0.
  bias.data[1] = -0;
  const outputs = [
    b.conv(x, pointwise, bias),
    b.conv(x, weights([14, 24, 3, 3]), weights([14]), { strides: [2, 2], pads: [1, 1, 1, 1] }),
    b.conv(x, weights([26, 24, 3, 3]), null, { pads: [1, 1, 1, 1] }),
    b.gemm(b.reshape(x, [1, sizeOf(shape)]), weights([sizeOf(shape), 19]), weights([1, 19])),
  ];
  const feed = stacked(shape, rows, value);
  const zeros = Array.from({ length: sizeOf(shape) }, () => draw() < share);
  for (let row = 0; row < rows; row++)
    if (row !== denseRow)
      for (const [i, zero] of zeros.entries()) if (zero) feed.data[row * zeros.length + i] = i % 2 === 0 ? 0 : -0;
  return { graph: b.build(outputs), feeds: { x: feed }, wanted: outputs };
}
