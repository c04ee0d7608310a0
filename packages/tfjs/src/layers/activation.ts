import type { Attrs } from '@pathwise/graph';
import { Fields } from '../files/fields.ts';
import { isObject, type Json } from '../files/json.ts';
import type { Writer } from '../files/writer.ts';
import { alongAxis } from '../layout/along-axes.ts';
import { elementWise, scalarLike, unary } from '../layout/element-wise.ts';
import type { LayoutBuilder, LayoutValue } from '../layout/layout-builder.ts';
import { unsupportedSetting, type LayerCall } from './layer-call.ts';

/** An activation function as nodes of a graph. */
export type ActivationRule = (l: LayoutBuilder, x: LayoutValue, writer: Writer) => LayoutValue;

const one =
  (op: string, attrs: Attrs = {}): ActivationRule =>
  (l, x) =>
    unary(l, op, x, attrs);

/** Values kept within [low, high]. */
export function clip(l: LayoutBuilder, x: LayoutValue, low: number | null, high: number | null): LayoutValue {
  const bound = (value: number | null): string | null => (value === null ? null : scalarLike(l, value, x).ref);
  const bounds = high === null ? [bound(low)] : [bound(low), bound(high)];
  return l.emit('Clip', [x.ref, ...bounds], {}, x.layout);
}

/**
 * Keras's activation functions by name.
 * @source Keras 2.15 and 3, module keras.activations; TensorFlow.js 4.22
 */
const ACTIVATIONS: ReadonlyMap<string, ActivationRule> = new Map<string, ActivationRule>([
  ['linear', (_, x) => x],
  ['relu', one('Relu')],
  ['relu6', (l, x) => clip(l, x, 0, 6)],
  ['elu', one('Elu', { alpha: 1 })],
  ['selu', one('Selu')],
  ['sigmoid', one('Sigmoid')],
  // One name, two functions: Keras 3 moved the kinks from 2.5 to 3.
  [
    'hard_sigmoid',
    (l, x, writer) => unary(l, 'HardSigmoid', x, { alpha: writer === 'keras-3' ? 1 / 6 : 0.2, beta: 0.5 }),
  ],
  ['softplus', one('Softplus')],
  ['softsign', one('Softsign')],
  ['tanh', one('Tanh')],
  ['swish', swish],
  ['silu', swish],
  ['hard_swish', one('HardSwish')],
  ['hard_silu', one('HardSwish')],
  ['gelu', one('Gelu')],
  ['gelu_new', one('Gelu', { approximate: 'tanh' })],
  ['mish', one('Mish')],
  ['exponential', one('Exp')],
  ['leaky_relu', one('LeakyRelu', { alpha: 0.2 })],
  ['celu', one('Celu', { alpha: 1 })],
  ['log_sigmoid', (l, x) => unary(l, 'Neg', unary(l, 'Softplus', unary(l, 'Neg', x)))],
  ['softmax', (l, x) => alongAxis(l, 'Softmax', x, -1)],
  ['log_softmax', (l, x) => alongAxis(l, 'LogSoftmax', x, -1)],
]);

function swish(l: LayoutBuilder, x: LayoutValue): LayoutValue {
  return elementWise(l, 'Mul', [x, unary(l, 'Sigmoid', x)]);
}

/**
 * The function that a setting names: a word, a function as Keras 3 writes it, or a layer.
 * @throws PathwiseError UNSUPPORTED_OP naming layer and function
 */
export function activationOf(call: LayerCall, key: string, absent: string = 'linear'): (x: LayoutValue) => LayoutValue {
  const json = call.config.raw(key) ?? absent;
  const word = wordOf(json);
  if (word !== null) {
    const rule = ACTIVATIONS.get(word);
    if (rule === undefined) {
      throw unsupportedSetting(call, `${key} "${word}"`, [...ACTIVATIONS.keys()].join(', '));
    }
    return (x) => rule(call.l, x, call.writer);
  }
  const fields = new Fields(json, `${call.config.where}: ${key}`, call.config.place);
  return (x) => {
    const { outputs } = call.apply(fields.string('class_name'), fields.object('config', {}), { inputs: [x] });
    return outputs[0] as LayoutValue;
  };
}

/** The name of the function that a setting holds; null for a layer. */
export function wordOf(json: Json): string | null {
  if (typeof json === 'string') return json.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  if (!isObject(json)) return null;
  const { class_name: kind, config } = json as { class_name?: Json; config?: Json };
  return kind === 'function' && typeof config === 'string' ? config : null;
}
