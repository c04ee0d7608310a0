import type { OpDef } from '@pathwise/graph';
import { abs } from './abs.ts';
import { add } from './add.ts';
import { cast } from './cast.ts';
import { celu } from './celu.ts';
import { clip } from './clip.ts';
import { equal, greater, greaterOrEqual, less, lessOrEqual } from './comparison.ts';
import { concat } from './concat.ts';
import { div } from './div.ts';
import { dropout } from './dropout.ts';
import { elu } from './elu.ts';
import { erf } from './erf.ts';
import { exp } from './exp.ts';
import { expand } from './expand.ts';
import { flatten } from './flatten.ts';
import { gather } from './gather.ts';
import { gatherElements } from './gather-elements.ts';
import { gelu } from './gelu.ts';
import { hardSigmoid } from './hard-sigmoid.ts';
import { hardSwish } from './hard-swish.ts';
import { sinh, cosh, asinh, acosh, atanh } from './hyperbolic.ts';
import { identity } from './identity.ts';
import { leakyRelu } from './leaky-relu.ts';
import { log } from './log.ts';
import { and, or, xor, not } from './logic.ts';
import { mish } from './mish.ts';
import { mul } from './mul.ts';
import { neg } from './neg.ts';
import { pRelu } from './p-relu.ts';
import { pad } from './pad.ts';
import { reciprocal } from './reciprocal.ts';
import { reduceSum } from './reduce-sum.ts';
import { relu } from './relu.ts';
import { reshape } from './reshape.ts';
import { floor, ceil, round, sign } from './rounding.ts';
import { scatterElements } from './scatter-elements.ts';
import { selu } from './selu.ts';
import { shrink } from './shrink.ts';
import { sigmoid } from './sigmoid.ts';
import { slice } from './slice.ts';
import { softplus } from './softplus.ts';
import { softsign } from './softsign.ts';
import { isNaN, isInf } from './special-values.ts';
import { sqrt } from './sqrt.ts';
import { squeeze } from './squeeze.ts';
import { sub } from './sub.ts';
import { sum } from './sum.ts';
import { swish } from './swish.ts';
import { tanh } from './tanh.ts';
import { thresholdedRelu } from './thresholded-relu.ts';
import { transpose } from './transpose.ts';
import { sin, cos, tan, asin, acos, atan } from './trigonometric.ts';
import { unsqueeze } from './unsqueeze.ts';
import { where } from './where.ts';

// Kept sorted by file name, one line an op.
export const allOps: readonly OpDef[] = [
  abs,
  add,
  cast,
  celu,
  clip,
  equal,
  greater,
  greaterOrEqual,
  less,
  lessOrEqual,
  concat,
  div,
  dropout,
  elu,
  erf,
  exp,
  expand,
  flatten,
  gather,
  gatherElements,
  gelu,
  hardSigmoid,
  hardSwish,
  sinh,
  cosh,
  asinh,
  acosh,
  atanh,
  identity,
  leakyRelu,
  log,
  and,
  or,
  xor,
  not,
  mish,
  mul,
  neg,
  pRelu,
  pad,
  reciprocal,
  reduceSum,
  relu,
  reshape,
  floor,
  ceil,
  round,
  sign,
  scatterElements,
  selu,
  shrink,
  sigmoid,
  slice,
  softplus,
  softsign,
  isNaN,
  isInf,
  sqrt,
  squeeze,
  sub,
  sum,
  swish,
  tanh,
  thresholdedRelu,
  transpose,
  sin,
  cos,
  tan,
  asin,
  acos,
  atan,
  unsqueeze,
  where,
];
