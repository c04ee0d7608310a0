import { bidirectional } from '../recurrent/bidirectional.ts';
import { recurrent } from '../recurrent/recurrent-layer.ts';
import type { LayerRule } from '../layer-call.ts';
import { activation, elu, leakyReLU, pReLU, reLU, softmax, thresholdedReLU } from './activations.ts';
import { attention, einsumDense, multiHeadAttention } from './attention.ts';
import { conv, convTranspose, depthwiseConv, separableConv } from './convolution.ts';
import { dense } from './dense.ts';
import { dot } from './dot.ts';
import { embedding, masking } from './embedding.ts';
import { identityLayers } from './identity.ts';
import { add, average, concatenate, maximum, minimum, multiply, subtract } from './merging.ts';
import { batchNormalization, groupNormalization, layerNormalization } from './normalization.ts';
import { globalPooling, pooling } from './pooling.ts';
import { normalization, rescaling } from './rescaling.ts';
import { flatten, permute, repeatVector, reshapeLayer } from './reshaping.ts';
import { centerCrop, cropping, resizing, upSampling, zeroPadding } from './sizes.ts';
import { timeDistributed } from './time-distributed.ts';

/** How each class of layers becomes part of a graph. */
const rules: ReadonlyMap<string, LayerRule> = new Map<string, LayerRule>([
  ...Object.entries(identityLayers),
  ['Activation', activation],
  ['Add', add],
  ['Attention', attention],
  ['Average', average],
  ['AveragePooling1D', pooling('AveragePool', 1)],
  ['AveragePooling2D', pooling('AveragePool', 2)],
  ['AveragePooling3D', pooling('AveragePool', 3)],
  ['BatchNormalization', batchNormalization],
  ['Bidirectional', bidirectional],
  ['CenterCrop', centerCrop],
  ['Concatenate', concatenate],
  ['Conv1D', conv(1)],
  ['Conv1DTranspose', convTranspose(1)],
  ['Conv2D', conv(2)],
  ['Conv2DTranspose', convTranspose(2)],
  ['Conv3D', conv(3)],
  ['Conv3DTranspose', convTranspose(3)],
  ['ConvLSTM2D', recurrent],
  ['Cropping1D', cropping(1)],
  ['Cropping2D', cropping(2)],
  ['Cropping3D', cropping(3)],
  ['Dense', dense],
  ['DepthwiseConv1D', depthwiseConv(1)],
  ['DepthwiseConv2D', depthwiseConv(2)],
  ['Dot', dot],
  ['ELU', elu],
  ['EinsumDense', einsumDense],
  ['Embedding', embedding],
  ['Flatten', flatten],
  ['GRU', recurrent],
  ['GlobalAveragePooling1D', globalPooling('Average', 1)],
  ['GlobalAveragePooling2D', globalPooling('Average', 2)],
  ['GlobalAveragePooling3D', globalPooling('Average', 3)],
  ['GlobalMaxPooling1D', globalPooling('Max', 1)],
  ['GlobalMaxPooling2D', globalPooling('Max', 2)],
  ['GlobalMaxPooling3D', globalPooling('Max', 3)],
  ['GroupNormalization', groupNormalization],
  ['LSTM', recurrent],
  ['LayerNormalization', layerNormalization],
  ['LeakyReLU', leakyReLU],
  ['Masking', masking],
  ['MaxPooling1D', pooling('MaxPool', 1)],
  ['MaxPooling2D', pooling('MaxPool', 2)],
  ['MaxPooling3D', pooling('MaxPool', 3)],
  ['Maximum', maximum],
  ['Minimum', minimum],
  ['MultiHeadAttention', multiHeadAttention],
  ['Multiply', multiply],
  ['Normalization', normalization],
  ['PReLU', pReLU],
  ['Permute', permute],
  ['RNN', recurrent],
  ['ReLU', reLU],
  ['RepeatVector', repeatVector],
  ['Rescaling', rescaling],
  ['Reshape', reshapeLayer],
  ['Resizing', resizing],
  ['SeparableConv1D', separableConv(1)],
  ['SeparableConv2D', separableConv(2)],
  ['SimpleRNN', recurrent],
  ['Softmax', softmax],
  ['Subtract', subtract],
  ['ThresholdedReLU', thresholdedReLU],
  ['TimeDistributed', timeDistributed],
  ['UpSampling1D', upSampling(1)],
  ['UpSampling2D', upSampling(2)],
  ['UpSampling3D', upSampling(3)],
  ['ZeroPadding1D', zeroPadding(1)],
  ['ZeroPadding2D', zeroPadding(2)],
  ['ZeroPadding3D', zeroPadding(3)],
]);

/** Names of the classes that can be read. */
export const layerClasses: readonly string[] = [...rules.keys()];

export function ruleOf(className: string): LayerRule | undefined {
  return rules.get(className);
}
