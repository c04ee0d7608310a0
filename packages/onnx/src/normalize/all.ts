import { axesToInput } from './axes.ts';
import { legacyBroadcast, legacyGemm, legacySlope } from './broadcast.ts';
import { cast, castLike } from './cast.ts';
import { clip } from './clip.ts';
import { integerExponent, lpPool, recurrent, selu } from './legacy.ts';
import { microsoftOps, simplifiedLayerNormalization } from './microsoft.ts';
import { batchNormalization, dropout, groupNormalization } from './normalization.ts';
import { cannot, without, type ImportNode, type Normalize, type NormalizeContext } from './normalize.ts';
import { gridSample, resize, upsample } from './resize.ts';
import { concat, pad, reshape, scatter, slice, split, tile, topK } from './slicing.ts';
import { flattenedSoftmax } from './softmax.ts';

/** Ops whose meaning changed since opset 1, or that graphs say with another op. */
const standardOps: Readonly<Record<string, Normalize | undefined>> = {
  __proto__: null as never,
  Add: legacyBroadcast,
  And: legacyBroadcast,
  BatchNormalization: batchNormalization,
  Cast: cast,
  CastLike: castLike,
  Clip: clip,
  Concat: concat,
  Div: legacyBroadcast,
  Dropout: dropout,
  Equal: legacyBroadcast,
  GRU: recurrent,
  Gemm: legacyGemm,
  GlobalLpPool: integerExponent,
  Greater: legacyBroadcast,
  GridSample: gridSample,
  GroupNormalization: groupNormalization,
  Hardmax: flattenedSoftmax,
  LSTM: recurrent,
  Less: legacyBroadcast,
  LogSoftmax: flattenedSoftmax,
  LpPool: lpPool,
  Mul: legacyBroadcast,
  Or: legacyBroadcast,
  PRelu: legacySlope,
  Pad: pad,
  Pow: legacyBroadcast,
  RNN: recurrent,
  ReduceL1: axesToInput,
  ReduceL2: axesToInput,
  ReduceLogSum: axesToInput,
  ReduceLogSumExp: axesToInput,
  ReduceMax: axesToInput,
  ReduceMean: axesToInput,
  ReduceMin: axesToInput,
  ReduceProd: axesToInput,
  ReduceSum: axesToInput,
  ReduceSumSquare: axesToInput,
  Reshape: reshape,
  Resize: resize,
  Scatter: scatter,
  Selu: selu,
  SimplifiedLayerNormalization: simplifiedLayerNormalization,
  Slice: slice,
  Softmax: flattenedSoftmax,
  Split: split,
  Squeeze: axesToInput,
  Sub: legacyBroadcast,
  Tile: tile,
  TopK: topK,
  Unsqueeze: axesToInput,
  Upsample: upsample,
  Xor: legacyBroadcast,
};

const MICROSOFT = 'com.microsoft';

/** Does any version of the op exist here? `inGraphs` says which ops graphs have. */
export function isKnown(op: string, domain: string, inGraphs: (op: string) => boolean): boolean {
  if (domain === MICROSOFT) return microsoftOps[op] !== undefined;
  return domain === '' && (standardOps[op] !== undefined || inGraphs(op));
}

/**
 * A node in the meaning of opset 21, or the outputs of the nodes that were emitted for it.
 * @throws PathwiseError UNSUPPORTED_OP for another domain, or what opset 21 cannot say
 */
export function normalizeNode(
  node: ImportNode,
  domain: string,
  context: NormalizeContext,
): ImportNode | readonly string[] {
  if (domain === '') {
    // Where an op may write over its input; no more in opset 6.
    const current = node.version < 6 ? without(node, 'consumed_inputs') : node;
    return standardOps[node.op]?.(current, context) ?? current;
  }
  const rule = domain === MICROSOFT ? microsoftOps[node.op] : undefined;
  if (rule === undefined) {
    throw cannot(
      domain === MICROSOFT ? `this op of ${MICROSOFT} is not supported` : `the domain "${domain}" is not supported`,
    );
  }
  return rule(node, context);
}
