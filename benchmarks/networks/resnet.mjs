import { graphBuilder } from '@pathwise/ops';
import { convolution, dense, heWeights } from './weights.mjs';

/** Blocks of two convolutions in each of the four stages, by depth. */
const BLOCKS = { 10: [1, 1, 1, 1], 18: [2, 2, 2, 2], 34: [3, 4, 6, 3] };

/**
 * A residual network: He, Zhang, Ren, Sun 2016, arXiv:1512.03385, table 1, with projections where the size changes. Its
 * batch normalizations are taken as folded into the convolutions; second ones start a quarter as large, so that sums do
 * not grow from block to block.
 */
export function resnet({ depth = 18, size = 224, width = 1, classes = 1000, seed = 2 } = {}) {
  const b = graphBuilder();
  const weights = heWeights(seed);
  const wide = (channels) => Math.max(2, Math.round(channels * width));
  const conv = (x, channels, kernel, options) => convolution(b, weights, x, wide(channels), kernel, options);
  const block = (x, channels, stride) => {
    const inner = conv(b.relu(conv(x, channels, 3, { stride })), channels, 3, { gain: 0.25 });
    const same = stride === 1 && b.shape(x)[1] === wide(channels);
    return b.relu(b.add(inner, same ? x : conv(x, channels, 1, { stride })));
  };
  let x = b.input('x', [1, 3, size, size]);
  x = b.relu(conv(x, 64, 7, { stride: 2 }));
  x = b.maxPool(x, [3, 3], { strides: [2, 2], pads: [1, 1, 1, 1] });
  for (const [stage, count] of BLOCKS[depth].entries()) {
    for (let i = 0; i < count; i++) x = block(x, 64 * 2 ** stage, stage > 0 && i === 0 ? 2 : 1);
  }
  const features = b.unary('Flatten', b.unary('GlobalAveragePool', x), { axis: 1 });
  return b.build([dense(b, weights, features, classes, 'logits')], `resnet-${depth}`);
}
