import { PathwiseError } from '@pathwise/model';
import { alongAxis } from '../../layout/along-axes.ts';
import { imageOf } from '../../layout/convolution.ts';
import type { Rule, Rules } from '../call.ts';
import { formatOf } from './windows.ts';

/** The statistics are inputs. Outputs after the first are those of training. */
const fusedBatchNorm: Rule = (call) => {
  const { l, attrs, name } = call;
  if (attrs.bool('is_training', false)) {
    throw new PathwiseError('UNSUPPORTED_OP', 'is_training = true is not supported; export the model for inference');
  }
  const { ref, layout } = imageOf(l, call.input(0), formatOf(attrs));
  const vectors = [1, 2, 3, 4].map((i) => l.asWritten(call.input(i)));
  return l.emit('BatchNormalization', [ref, ...vectors], { epsilon: attrs.float('epsilon', 1e-3) }, layout, name);
};

/**
 * x / (bias + alpha * sum of squares)^beta over 2 radius + 1 channels; ONNX divides alpha by that number.
 * @source TensorFlow, documentation of tf.raw_ops.LRN
 */
const lrn: Rule = (call) => {
  const { l, attrs, name } = call;
  const size = 2 * attrs.int('depth_radius', 5) + 1;
  const alpha = attrs.float('alpha', 1) * size;
  const numbers = { size, alpha, beta: attrs.float('beta', 0.5), bias: attrs.float('bias', 1) };
  return l.emit('LRN', [l.channelsFirst(call.input(0))], numbers, 'channels-first', name);
};

const overLastAxis =
  (op: string): Rule =>
  (call) =>
    alongAxis(call.l, op, call.input(0), -1, {}, call.name);

export const normalizationRules: Rules = {
  FusedBatchNorm: fusedBatchNorm,
  FusedBatchNormV2: fusedBatchNorm,
  FusedBatchNormV3: fusedBatchNorm,
  LRN: lrn,
  Softmax: overLastAxis('Softmax'),
  LogSoftmax: overLastAxis('LogSoftmax'),
};
