import { reshape } from '../../layout/along-axes.ts';
import { elementWise, scalarLike } from '../../layout/element-wise.ts';
import type { LayoutValue } from '../../layout/layout-builder.ts';
import { activationOf } from '../activation.ts';
import { filled } from '../filled.ts';
import {
  badCall,
  badShape,
  choice,
  unsupportedSetting,
  weight,
  type LayerCall,
  type LayerRule,
} from '../layer-call.ts';
import { isLayoutValues } from '../recurrent/recurrent-layer.ts';

/** Added to the scores of what must not be looked at. */
const MASKED = -1e9;

/** softmax(q k' * scale) v over sequences [batch, steps, features]; inputs query, value and key (default: value). */
export const attention: LayerRule = (call) => {
  const { l, config, weights } = call;
  const [query, value, key = value] = call.inputs;
  if (query === undefined || value === undefined || key === undefined)
    throw badCall(call, 'the inputs query and value');
  if (call.className === 'AdditiveAttention') throw unsupportedSetting(call, 'additive attention', 'Attention');
  if (choice(call, 'score_mode', ['dot', 'concat'], 'dot') !== 'dot')
    throw unsupportedSetting(call, 'score_mode = "concat"', 'dot');
  refuseKeywords(call, ['training', 'return_attention_scores']);
  const product = l.emit('MatMul', [l.asWritten(query), l.b.transpose(l.asWritten(key), [0, 2, 1])]);
  const scores = weights.has('scale') ? elementWise(l, 'Mul', [product, weight(call, 'scale')]) : product;
  const isCausal =
    config.boolean('causal', false) ||
    config.boolean('use_causal_mask', false) ||
    call.keywords.get('use_causal_mask') === true;
  const masked = maskScores(call, scores, { keyMask: call.masks[1] ?? null, isCausal });
  const attended = l.emit('MatMul', [l.emit('Softmax', [masked.ref], { axis: -1 }).ref, l.asWritten(value)]);
  const own = call.masks[0] ?? null;
  if (own === null) return { outputs: [attended], mask: null };
  const column = l.value(l.b.reshape(own.ref, [...own.shape, 1]));
  return { outputs: [elementWise(l, 'Where', [column, attended, scalarLike(l, 0, attended)])], mask: own };
};

/**
 * Several attentions side by side; kernels [features, heads, size], output kernel [heads, size, features].
 * @source Vaswani et al. 2017, arXiv:1706.03762; Keras 2.15 and 3, layer MultiHeadAttention
 */
export const multiHeadAttention: LayerRule = (call) => {
  const { l } = call;
  const named = (name: string): LayoutValue | undefined => {
    const given = call.keywords.get(name);
    return isLayoutValues(given) ? given[0] : undefined;
  };
  const query = call.inputs[0] ?? named('query');
  const value = call.inputs[1] ?? named('value');
  const key = call.inputs[2] ?? named('key') ?? value;
  if (query === undefined || value === undefined || key === undefined)
    throw badCall(call, 'the inputs query and value');
  refuseKeywords(call, ['query', 'value', 'key', 'training', 'use_causal_mask', 'return_attention_scores']);
  const q = heads(call, query, 'query');
  const k = heads(call, key, 'key');
  const v = heads(call, value, 'value');
  const size = q.shape.at(-1) as number;
  const scaled = elementWise(l, 'Mul', [q, scalarLike(l, 1 / Math.sqrt(size), q)]);
  const scores = l.emit('MatMul', [scaled.ref, l.b.transpose(k.ref, [0, 1, 3, 2])]);
  const isCausal = call.keywords.get('use_causal_mask') === true;
  const seen = maskScores(call, scores, { keyMask: call.masks[1] ?? null, isCausal });
  const masked = uniformRows(call, seen, call.masks[0] ?? null);
  const attended = l.emit('MatMul', [l.emit('Softmax', [masked.ref], { axis: -1 }).ref, v.ref]);
  const [rows, count, steps, width] = attended.shape as [number, number, number, number];
  const together = l.b.reshape(l.b.transpose(attended.ref, [0, 2, 1, 3]), [rows, steps, count * width]);
  const own = call.weights.within('attention_output');
  const { tensor } = own.get('kernel', 3);
  if (tensor.shape[0] !== count || tensor.shape[1] !== width)
    throw badShape(call, `an output kernel [${count},${width},n]`, tensor.shape);
  const kernel = l.constant({ ...tensor, shape: [count * width, tensor.shape[2] as number] });
  const projected = l.emit('MatMul', [together, kernel.ref]);
  const output = own.has('bias')
    ? elementWise(l, 'Add', [projected, l.constant(own.get('bias', 1).tensor)])
    : projected;
  return { outputs: [output], mask: call.masks[0] ?? null };
};

/** x [rows, steps, features] projected for each head: [rows, heads, steps, size]. */
function heads(call: LayerCall, x: LayoutValue, which: 'query' | 'key' | 'value'): LayoutValue {
  const { l } = call;
  if (x.shape.length !== 3)
    throw unsupportedSetting(call, `an input of ${x.shape.length} axes`, '[batch, steps, features]');
  const own = call.weights.within(which);
  const { tensor } = own.get('kernel', 3);
  const [features, count, size] = tensor.shape as [number, number, number];
  if (x.shape[2] !== features) throw badShape(call, `${features} features`, x.shape);
  const kernel = l.constant({ ...tensor, shape: [features, count * size] });
  const product = l.emit('MatMul', [l.asWritten(x), kernel.ref]);
  const bias = own.has('bias') ? own.get('bias', 2).tensor : null;
  const full =
    bias === null ? product : elementWise(l, 'Add', [product, l.constant({ ...bias, shape: [count * size] })]);
  const apart = reshape(l, full, [x.shape[0] as number, x.shape[1] as number, count, size]);
  return l.value(l.b.transpose(l.asWritten(apart), [0, 2, 1, 3]));
}

interface ScoreMask {
  /** Which steps of the values count, [rows, steps]. */
  readonly keyMask: LayoutValue | null;
  /** No step looks at later ones. */
  readonly isCausal: boolean;
}

/** Scores [..., queries, keys] with those of masked keys far below the others. */
function maskScores({ l }: LayerCall, scores: LayoutValue, { keyMask, isCausal }: ScoreMask): LayoutValue {
  const rank = scores.shape.length;
  const [queries, keys] = scores.shape.slice(-2) as [number, number];
  let masked = scores;
  if (keyMask !== null) {
    const ones = new Array<number>(rank - 2).fill(1);
    const [rows = 1, steps = 1] = keyMask.shape;
    const row = l.value(l.b.reshape(keyMask.ref, [rows, ...ones, steps]));
    masked = elementWise(l, 'Where', [row, masked, elementWise(l, 'Add', [masked, scalarLike(l, MASKED, masked)])]);
  }
  if (isCausal) {
    const later = l.emit('Trilu', [filled(l, [queries, keys], MASKED).ref, l.b.scalar(1, 'int64')], { upper: 1 });
    masked = elementWise(l, 'Add', [masked, later]);
  }
  return masked;
}

/** Steps that do not count look at all others alike: so it comes out in Keras, whose -1e9 swallows a float32 score. */
function uniformRows({ l }: LayerCall, scores: LayoutValue, queryMask: LayoutValue | null): LayoutValue {
  if (queryMask === null) return scores;
  const [rows = 1, steps = 1] = queryMask.shape;
  const column = l.value(l.b.reshape(queryMask.ref, [rows, 1, steps, 1]));
  return elementWise(l, 'Where', [column, scores, scalarLike(l, 0, scores)]);
}

/** Arguments that would change the result, beyond those that are known. */
function refuseKeywords(call: LayerCall, known: readonly string[]): void {
  for (const [name, value] of call.keywords) {
    if (known.includes(name) && !(name === 'return_attention_scores' && value === true)) continue;
    if (value !== null && value !== false) throw unsupportedSetting(call, `argument ${name}`, '');
  }
}

/**
 * x W by an equation such as ab,bcd->acd, with bias and activation.
 * @source Keras 2.15 and 3, layer EinsumDense
 */
export const einsumDense: LayerRule = (call) => {
  const { l, config } = call;
  const [x] = call.inputs;
  if (x === undefined) throw badCall(call, 'one input');
  const equation = config.string('equation').replaceAll(' ', '');
  if (!/^[a-zA-Z]+,[a-zA-Z]+->[a-zA-Z]+$/u.test(equation)) {
    throw unsupportedSetting(call, `equation "${equation}"`, 'letters without an ellipsis, as ab,bc->ac');
  }
  const product = l.emit('Einsum', [l.asWritten(x), weight(call, 'kernel').ref], { equation });
  const biased = config.has('bias_axes') ? elementWise(l, 'Add', [product, weight(call, 'bias')]) : product;
  return { outputs: [activationOf(call, 'activation')(biased)], mask: call.masks[0] ?? null };
};
