import { sizeOf } from '@pathwise/model';
import type { OpBuilder } from '@pathwise/ops';
import { become, cannot, intAttr, without, type ImportNode, type Normalize } from './normalize.ts';

// Ops of the domain com.microsoft that ONNX Runtime's optimizer writes into files.
// Source: docs/ContribOperators.md of ONNX Runtime 1.22.

const biasGelu: Normalize<ImportNode> = (node, { b }) => {
  const [x = '', bias = ''] = node.inputs;
  return become(node, 'Gelu', [bias === '' ? x : b.add(x, bias)], {});
};

const fastGelu: Normalize = (node, context) => ({ ...biasGelu(node, context), attrs: { approximate: 'tanh' } });

/** x * sigmoid(alpha * x). */
const quickGelu: Normalize = (node) => become(node, 'Swish', node.inputs, { alpha: intAttr(node, 'alpha', 1.702) });

/** alpha * A B with the last two axes swapped on request; with transBatch the batch axes stand before the last but one. */
const fusedMatMul: Normalize = (node, { b }) => {
  const [x = '', y = ''] = node.inputs;
  const left = operand(b, x, intAttr(node, 'transA', 0), intAttr(node, 'transBatchA', 0));
  const right = operand(b, y, intAttr(node, 'transB', 0), intAttr(node, 'transBatchB', 0));
  const alpha = intAttr(node, 'alpha', 1);
  if (alpha === 1) return become(node, 'MatMul', [left, right], {});
  return become(node, 'Mul', [b.matmul(left, right), b.scalar(alpha, b.type(x).dtype)], {});
};

function operand(b: OpBuilder, ref: string, swapped: number, batchInside: number): string {
  const rank = b.shape(ref).length;
  const axes = b.shape(ref).map((_, i) => i);
  // [m, batch ..., k] becomes [batch ..., m, k].
  const batched = batchInside !== 0 && rank > 2 ? [...axes.slice(1, -1), 0, rank - 1] : axes;
  const order = swapped !== 0 && rank > 1 ? [...batched.slice(0, -2), batched[rank - 1]!, batched[rank - 2]!] : batched;
  return order.every((axis, i) => axis === i) ? ref : b.transpose(ref, order);
}

/** LayerNormalization (or RMSNormalization) of input + skip + bias, over the last axis. The sum is the fourth output. */
function skipNormalization(op: 'LayerNormalization' | 'RMSNormalization'): Normalize {
  return (node, { b, isUsed }) => {
    const [input = '', skip = '', gamma = '', ...more] = node.inputs;
    const [beta, bias] = op === 'LayerNormalization' ? more : ['', ...more];
    if (isUsed(1) || isUsed(2)) throw cannot('its outputs mean and inv_std_var are not supported');
    const [output = '', , , sumName = ''] = node.outputs;
    const biased = bias === undefined || bias === '' ? input : b.add(input, bias);
    const sum = b.add(biased, skip, sumName === '' ? undefined : sumName);
    const scaled = [sum, gamma, ...(beta === undefined || beta === '' ? [] : [beta])];
    const epsilon = intAttr(node, 'epsilon', 1e-12);
    const normalized = b.emit(op, scaled, { epsilon }, output);
    return [normalized, '', '', sum];
  };
}

/** Softmax over the last axes of data + bias. */
const biasSoftmax: Normalize = (node, { b }) => {
  const [x = '', bias = ''] = node.inputs;
  const shape = b.shape(x);
  const axis = (intAttr(node, 'axis', 1) + shape.length) % shape.length;
  const sum = b.add(x, bias);
  if (axis === shape.length - 1) return become(node, 'Softmax', [sum], { axis });
  const matrix = b.reshape(sum, [sizeOf(shape.slice(0, axis)), sizeOf(shape.slice(axis))]);
  return become(node, 'Reshape', [b.softmax(matrix, 1), b.ints(shape)], {});
};

/** An op followed by an activation. */
function activated(op: 'Conv' | 'Gemm'): Normalize {
  return (node, { b }) => {
    const { activation, activation_params: params, activation_alpha: alpha, activation_beta: beta } = node.attrs;
    const plain = without(
      node,
      'activation',
      'activation_params',
      'activation_alpha',
      'activation_beta',
      'activation_gamma',
    );
    if (node.inputs.length > 3) throw cannot('a fused sum (input Z) is not supported');
    if (typeof activation !== 'string' || activation === '') return { ...plain, op };
    const inner = b.emit(op, plain.inputs, plain.attrs);
    const [first, second] = Array.isArray(params) ? (params as number[]) : [alpha, beta];
    const inputs = [inner, ...bounds(b, inner, activation, first, second)];
    return become(node, activation, inputs, activationAttrs(activation, first, second));
  };
}

function bounds(b: OpBuilder, x: string, activation: string, low: unknown, high: unknown): string[] {
  if (activation !== 'Clip') return [];
  return [low, high].map((bound) => (typeof bound === 'number' ? b.scalar(bound, b.type(x).dtype) : ''));
}

function activationAttrs(activation: string, alpha: unknown, beta: unknown): ImportNode['attrs'] {
  const one = typeof alpha === 'number' ? { alpha } : {};
  if (activation === 'LeakyRelu') return one;
  if (activation === 'HardSigmoid') return { ...one, ...(typeof beta === 'number' ? { beta } : {}) };
  return {};
}

/** The same op in ONNX's own domain. */
const same: Normalize = (node) => node;

export const microsoftOps: Readonly<Record<string, Normalize | undefined>> = {
  __proto__: null as never,
  BiasGelu: biasGelu,
  BiasSoftmax: biasSoftmax,
  DequantizeLinear: same,
  FastGelu: fastGelu,
  FusedConv: activated('Conv'),
  FusedGemm: activated('Gemm'),
  FusedMatMul: fusedMatMul,
  Gelu: (node) => become(node, 'Gelu', node.inputs, {}),
  QuantizeLinear: same,
  QuickGelu: quickGelu,
  SkipLayerNormalization: skipNormalization('LayerNormalization'),
  SkipSimplifiedLayerNormalization: skipNormalization('RMSNormalization'),
  TransposeMatMul: fusedMatMul,
};

/** Written into ONNX's own domain by ONNX Runtime. */
export const simplifiedLayerNormalization: Normalize = (node) => become(node, 'RMSNormalization', node.inputs);
