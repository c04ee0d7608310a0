import { float32, PathwiseError, sizeOf } from '@pathwise/model';
import type { OpDef } from '@pathwise/graph';
import { defineOp } from '../define-op.ts';
import { checkChannels, perChannel } from '../families/channel-normalization.ts';

type BatchNormAttrs = { epsilon: number; momentum: number; training_mode: number };

/**
 * (x - mean) / sqrt(variance + epsilon) * scale + bias with stored statistics of each channel, as at inference.
 * @source Ioffe and Szegedy 2015, arXiv:1502.03167, algorithm 2
 */
export const batchNormalization: OpDef = defineOp<BatchNormAttrs>({
  name: 'BatchNormalization',
  code: 0x0332,
  inputs: ['differentiable', 'differentiable', 'differentiable', 'differentiable', 'differentiable'],
  maxOutputs: 3,
  attrs: {
    epsilon: { type: 'float', default: 1e-5 },
    momentum: { type: 'float', default: 0.9 },
    training_mode: { type: 'int', default: 0 },
  },
  relevance: 'affine',
  affine: isAffine,
  piecewiseLinear: isAffine,
  kinks: false,
  infer([x, ...parameters], { training_mode }, outputs) {
    if (training_mode !== 0 || outputs > 1) {
      throw new PathwiseError('UNSUPPORTED_OP', 'training_mode = 1 is not supported. Export the model for inference');
    }
    checkChannels(x!, ...parameters.map((p) => p!));
    return [{ dtype: x!.dtype, shape: x!.shape }];
  },
  forward([x, scale, bias, mean, variance], { epsilon }) {
    const [batch, channels] = x!.shape;
    const inner = sizeOf(x!.shape.slice(2));
    const out = new Float64Array(x!.data.length);
    let i = 0;
    for (let n = 0; n < batch; n++) {
      for (let c = 0; c < channels; c++) {
        const factor = scale!.data[c] / Math.sqrt(variance!.data[c] + epsilon);
        const center = mean!.data[c];
        const shift = bias!.data[c];
        for (let k = 0; k < inner; k++, i++) out[i] = (x!.data[i] - center) * factor + shift;
      }
    }
    return [out];
  },
  // s = 1 / sqrt(variance + epsilon); y = (x - mean) s scale + bias
  vjp(b, { inputs: [x, scale, bias, mean, variance], attrs, needs }, [dy]) {
    const channels = perChannel(b.shape(x));
    const wide = (t: string): string => b.reshape(t, channels);
    const sum = (t: string): string => b.reshape(b.sumTo(t, channels), b.shape(bias));
    const s = b.unary('Reciprocal', b.sqrt(b.add(variance, attrs.epsilon)));
    const factor = b.mul(scale, s);
    const normalized = needs[1] || needs[4] ? b.mul(b.sub(x, wide(mean)), wide(s)) : '';
    return [
      needs[0] ? b.mul(dy!, wide(factor)) : null,
      needs[1] ? sum(b.mul(dy!, normalized)) : null,
      needs[2] ? sum(dy!) : null,
      needs[3] ? b.neg(b.mul(sum(dy!), factor)) : null,
      // dy/dvariance = -(x - mean) scale s^3 / 2
      needs[4] ? b.mul(sum(b.mul(dy!, normalized)), b.mul(b.mul(factor, s), -0.5)) : null,
    ];
  },
  examples: [
    { name: 'constant statistics', inputs: [[2, 3, 4], [3], [3], [3], float32([3], [0.5, 1, 2])] },
    { name: 'image', attrs: { epsilon: 0.01 }, inputs: [[1, 2, 2, 2], [2], [2], [2], float32([2], [0.5, 2])] },
    { name: 'all move', inputs: [[2, 3], [3], [3], [3], [3]], domain: [0.5, 2] },
  ],
});

/** In x, bias and mean together, or in scale and bias. */
function isAffine(moving: readonly number[]): boolean {
  return moving.every((i) => i === 0 || i === 2 || i === 3) || moving.every((i) => i === 1 || i === 2);
}
