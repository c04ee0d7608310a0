import type { OpDef } from '@pathwise/graph';
import { abs } from './abs.ts';
import { add } from './add.ts';
import { affineGrid } from './affine-grid.ts';
import { argMax, argMin } from './arg-extrema.ts';
import { attention } from './attention.ts';
import { averagePool } from './average-pool.ts';
import { batchNormalization } from './batch-normalization.ts';
import { bitwiseAnd, bitwiseNot, bitwiseOr, bitwiseXor, bitShift } from './bitwise.ts';
import { cast } from './cast.ts';
import { castLike } from './cast-like.ts';
import { celu } from './celu.ts';
import { centerCropPad } from './center-crop-pad.ts';
import { clip } from './clip.ts';
import { col2Im } from './col2-im.ts';
import { equal, greater, greaterOrEqual, less, lessOrEqual } from './comparison.ts';
import { compress } from './compress.ts';
import { concat } from './concat.ts';
import { constant, constantOfShape } from './constant.ts';
import { conv } from './conv.ts';
import { convInteger } from './conv-integer.ts';
import { convTranspose } from './conv-transpose.ts';
import { cumProd } from './cum-prod.ts';
import { cumSum } from './cum-sum.ts';
import { depthToSpace } from './depth-to-space.ts';
import { dequantizeLinear } from './dequantize-linear.ts';
import { div } from './div.ts';
import { dropout } from './dropout.ts';
import { dynamicQuantizeLinear } from './dynamic-quantize-linear.ts';
import { einsum } from './einsum.ts';
import { elu } from './elu.ts';
import { erf } from './erf.ts';
import { exp } from './exp.ts';
import { expand } from './expand.ts';
import { max, min } from './extrema.ts';
import { eyeLike } from './eye-like.ts';
import { flatten } from './flatten.ts';
import { gather } from './gather.ts';
import { gatherElements } from './gather-elements.ts';
import { gatherND } from './gather-nd.ts';
import { gelu } from './gelu.ts';
import { gemm } from './gemm.ts';
import { globalAveragePool } from './global-average-pool.ts';
import { globalLpPool } from './global-lp-pool.ts';
import { globalMaxPool } from './global-max-pool.ts';
import { gridSample } from './grid-sample.ts';
import { groupNormalization } from './group-normalization.ts';
import { gru } from './gru.ts';
import { hardSigmoid } from './hard-sigmoid.ts';
import { hardSwish } from './hard-swish.ts';
import { hardmax } from './hardmax.ts';
import { sinh, cosh, asinh, acosh, atanh } from './hyperbolic.ts';
import { identity } from './identity.ts';
import { instanceNormalization } from './instance-normalization.ts';
import { layerNormalization } from './layer-normalization.ts';
import { leakyRelu } from './leaky-relu.ts';
import { log } from './log.ts';
import { logSoftmax } from './log-softmax.ts';
import { and, or, xor, not } from './logic.ts';
import { lpNormalization } from './lp-normalization.ts';
import { lpPool } from './lp-pool.ts';
import { lrn } from './lrn.ts';
import { lstm } from './lstm.ts';
import { matMul } from './mat-mul.ts';
import { matMulInteger } from './mat-mul-integer.ts';
import { maxPool } from './max-pool.ts';
import { maxUnpool } from './max-unpool.ts';
import { mean } from './mean.ts';
import { meanVarianceNormalization } from './mean-variance-normalization.ts';
import { mish } from './mish.ts';
import { mod } from './mod.ts';
import { mul } from './mul.ts';
import { neg } from './neg.ts';
import { nonZero } from './non-zero.ts';
import { oneHot } from './one-hot.ts';
import { pRelu } from './p-relu.ts';
import { pad } from './pad.ts';
import { pow } from './pow.ts';
import { qLinearConv } from './q-linear-conv.ts';
import { qLinearMatMul } from './q-linear-mat-mul.ts';
import { quantizeLinear } from './quantize-linear.ts';
import { range } from './range.ts';
import { reciprocal } from './reciprocal.ts';
import { reduceL1 } from './reduce-l1.ts';
import { reduceL2 } from './reduce-l2.ts';
import { reduceLogSum } from './reduce-log-sum.ts';
import { reduceLogSumExp } from './reduce-log-sum-exp.ts';
import { reduceMax } from './reduce-max.ts';
import { reduceMean } from './reduce-mean.ts';
import { reduceMin } from './reduce-min.ts';
import { reduceProd } from './reduce-prod.ts';
import { reduceSum } from './reduce-sum.ts';
import { reduceSumSquare } from './reduce-sum-square.ts';
import { relu } from './relu.ts';
import { reshape } from './reshape.ts';
import { resize } from './resize.ts';
import { reverseSequence } from './reverse-sequence.ts';
import { rmsNormalization } from './rms-normalization.ts';
import { rnn } from './rnn.ts';
import { rotaryEmbedding } from './rotary-embedding.ts';
import { floor, ceil, round, sign } from './rounding.ts';
import { scatterElements } from './scatter-elements.ts';
import { scatterND } from './scatter-nd.ts';
import { selu } from './selu.ts';
import { shape, size } from './shape.ts';
import { shrink } from './shrink.ts';
import { sigmoid } from './sigmoid.ts';
import { slice } from './slice.ts';
import { softmax } from './softmax.ts';
import { softplus } from './softplus.ts';
import { softsign } from './softsign.ts';
import { spaceToDepth } from './space-to-depth.ts';
import { isNaN, isInf } from './special-values.ts';
import { split } from './split.ts';
import { sqrt } from './sqrt.ts';
import { squeeze } from './squeeze.ts';
import { stopGradient } from './stop-gradient.ts';
import { sub } from './sub.ts';
import { sum } from './sum.ts';
import { swish } from './swish.ts';
import { tanh } from './tanh.ts';
import { thresholdedRelu } from './thresholded-relu.ts';
import { tile } from './tile.ts';
import { topK } from './top-k.ts';
import { transpose } from './transpose.ts';
import { sin, cos, tan, asin, acos, atan } from './trigonometric.ts';
import { trilu } from './trilu.ts';
import { unique } from './unique.ts';
import { unsqueeze } from './unsqueeze.ts';
import { where } from './where.ts';
import { hannWindow, hammingWindow, blackmanWindow } from './window.ts';

// Kept sorted by file name, one line an op.
export const allOps: readonly OpDef[] = [
  abs,
  add,
  affineGrid,
  argMax,
  argMin,
  attention,
  averagePool,
  batchNormalization,
  bitwiseAnd,
  bitwiseNot,
  bitwiseOr,
  bitwiseXor,
  bitShift,
  cast,
  castLike,
  celu,
  centerCropPad,
  clip,
  col2Im,
  equal,
  greater,
  greaterOrEqual,
  less,
  lessOrEqual,
  compress,
  concat,
  constant,
  constantOfShape,
  conv,
  convInteger,
  convTranspose,
  cumProd,
  cumSum,
  depthToSpace,
  dequantizeLinear,
  div,
  dropout,
  dynamicQuantizeLinear,
  einsum,
  elu,
  erf,
  exp,
  expand,
  max,
  min,
  eyeLike,
  flatten,
  gather,
  gatherElements,
  gatherND,
  gelu,
  gemm,
  globalAveragePool,
  globalLpPool,
  globalMaxPool,
  gridSample,
  groupNormalization,
  gru,
  hardSigmoid,
  hardSwish,
  hardmax,
  sinh,
  cosh,
  asinh,
  acosh,
  atanh,
  identity,
  instanceNormalization,
  layerNormalization,
  leakyRelu,
  log,
  logSoftmax,
  and,
  or,
  xor,
  not,
  lpNormalization,
  lpPool,
  lrn,
  lstm,
  matMul,
  matMulInteger,
  maxPool,
  maxUnpool,
  mean,
  meanVarianceNormalization,
  mish,
  mod,
  mul,
  neg,
  nonZero,
  oneHot,
  pRelu,
  pad,
  pow,
  qLinearConv,
  qLinearMatMul,
  quantizeLinear,
  range,
  reciprocal,
  reduceL1,
  reduceL2,
  reduceLogSum,
  reduceLogSumExp,
  reduceMax,
  reduceMean,
  reduceMin,
  reduceProd,
  reduceSum,
  reduceSumSquare,
  relu,
  reshape,
  resize,
  reverseSequence,
  rmsNormalization,
  rnn,
  rotaryEmbedding,
  floor,
  ceil,
  round,
  sign,
  scatterElements,
  scatterND,
  selu,
  shape,
  size,
  shrink,
  sigmoid,
  slice,
  softmax,
  softplus,
  softsign,
  spaceToDepth,
  isNaN,
  isInf,
  split,
  sqrt,
  squeeze,
  stopGradient,
  sub,
  sum,
  swish,
  tanh,
  thresholdedRelu,
  tile,
  topK,
  transpose,
  sin,
  cos,
  tan,
  asin,
  acos,
  atan,
  trilu,
  unique,
  unsqueeze,
  where,
  hannWindow,
  hammingWindow,
  blackmanWindow,
];
