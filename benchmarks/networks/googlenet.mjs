import { graphBuilder } from '@pathwise/ops';
import { convolution, dense, heWeights } from './weights.mjs';

/** Channels of each module: 1x1; 3x3 with its reduction; 5x5 with its reduction; projection of the pool. */
const STAGES = [
  [
    [64, 96, 128, 16, 32, 32],
    [128, 128, 192, 32, 96, 64],
  ],
  [
    [192, 96, 208, 16, 48, 64],
    [160, 112, 224, 24, 64, 64],
    [128, 128, 256, 24, 64, 64],
    [112, 144, 288, 32, 64, 64],
    [256, 160, 320, 32, 128, 128],
  ],
  [
    [256, 160, 320, 32, 128, 128],
    [384, 192, 384, 48, 128, 128],
  ],
];

/**
 * GoogLeNet: Szegedy et al. 2015, Going Deeper with Convolutions, table 1, without the auxiliary outputs; local response
 * normalization of 5 channels as in its Caffe model. `width` scales all channels.
 */
export function googlenet({ size = 224, width = 1, classes = 1000, seed = 1 } = {}) {
  const b = graphBuilder();
  const weights = heWeights(seed);
  const wide = (channels) => Math.max(2, Math.round(channels * width));
  const conv = (x, channels, kernel, options) => b.relu(convolution(b, weights, x, wide(channels), kernel, options));
  const pool = (x) => b.maxPool(x, [3, 3], { strides: [2, 2], ceil_mode: 1 });
  const normalize = (x) => b.emit('LRN', [x], { size: 5, alpha: 1e-4, beta: 0.75, bias: 1 });
  const inception = (x, [one, threeIn, three, fiveIn, five, projected]) =>
    b.concat(
      [
        conv(x, one, 1),
        conv(conv(x, threeIn, 1), three, 3),
        conv(conv(x, fiveIn, 1), five, 5),
        conv(b.maxPool(x, [3, 3], { pads: [1, 1, 1, 1] }), projected, 1),
      ],
      1,
    );
  let x = b.input('x', [1, 3, size, size]);
  x = normalize(pool(conv(x, 64, 7, { stride: 2 })));
  x = normalize(conv(conv(x, 64, 1), 192, 3));
  for (const stage of STAGES) {
    x = pool(x);
    for (const module of stage) x = inception(x, module);
  }
  const features = b.unary('Flatten', b.unary('GlobalAveragePool', x), { axis: 1 });
  return b.build([dense(b, weights, features, classes, 'logits')], 'googlenet');
}
