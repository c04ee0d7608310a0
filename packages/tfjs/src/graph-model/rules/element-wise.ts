import { aligned, elementWise, scalarLike, unary } from '../../layout/element-wise.ts';
import type { Rule, Rules } from '../call.ts';
import { prelu, relu6 } from './fused-ops.ts';

const plain =
  (op: string): Rule =>
  (call) =>
    unary(call.l, op, call.input(0), {}, call.name);

const leakyRelu: Rule = (call) =>
  unary(call.l, 'LeakyRelu', call.input(0), { alpha: call.attrs.float('alpha', 0.2) }, call.name);

const log1p: Rule = (call) => {
  const { l, name } = call;
  const x = call.input(0);
  return unary(l, 'Log', elementWise(l, 'Add', [x, scalarLike(l, 1, x)]), {}, name);
};

const expm1: Rule = (call) => {
  const { l, name } = call;
  const x = call.input(0);
  return elementWise(l, 'Sub', [unary(l, 'Exp', x), scalarLike(l, 1, x)], {}, name);
};

const rsqrt: Rule = (call) => unary(call.l, 'Reciprocal', unary(call.l, 'Sqrt', call.input(0)), {}, call.name);

const square: Rule = (call) => elementWise(call.l, 'Mul', [call.input(0), call.input(0)], {}, call.name);

const isFinite: Rule = (call) => {
  const { l, name } = call;
  const bad = ['IsNaN', 'IsInf'].map((op) => unary(l, op, call.input(0)));
  return unary(l, 'Not', elementWise(l, 'Or', bad), {}, name);
};

/** Between two scalars that are inputs. */
const clipByValue: Rule = (call) => {
  const { l, name } = call;
  const x = call.input(0);
  const bounds = [1, 2].map((i) => l.b.reshape(l.asWritten(call.input(i)), []));
  return l.emit('Clip', [x.ref, ...bounds], {}, x.layout, name);
};

const cast: Rule = (call) => unary(call.l, 'Cast', call.input(0), { to: call.attrs.dtype('DstT') }, call.name);

/**
 * Quantisation of an activation is left out: what it leaves is the range.
 * @source TensorFlow, documentation of tf.quantization.fake_quant_with_min_max_vars
 */
const fakeQuant: Rule = (call) => {
  call.warn('quantization', `the quantisation of "${call.name}" (${call.op}) is read as a clip to its range`);
  return clipByValue(call);
};

const select: Rule = (call) => {
  const { l, name } = call;
  const [condition, x, y] = [call.input(0), call.input(1), call.input(2)];
  const rank = x.shape.length;
  // The first Select takes whole rows by a vector of conditions.
  const byRows = call.op === 'Select' && condition.shape.length === 1 && rank > 1;
  const shaped = byRows
    ? l.value(l.b.reshape(condition.ref, [...condition.shape, ...new Array<number>(rank - 1).fill(1)]))
    : condition;
  const { refs, layout } = aligned(l, [shaped, x, y]);
  return l.emit('Where', refs, {}, layout, name);
};

export const elementWiseRules: Rules = {
  Abs: plain('Abs'),
  Acos: plain('Acos'),
  Acosh: plain('Acosh'),
  Asin: plain('Asin'),
  Asinh: plain('Asinh'),
  Atan: plain('Atan'),
  Atanh: plain('Atanh'),
  Cast: cast,
  Ceil: plain('Ceil'),
  ClipByValue: clipByValue,
  Cos: plain('Cos'),
  Cosh: plain('Cosh'),
  Elu: plain('Elu'),
  Erf: plain('Erf'),
  Exp: plain('Exp'),
  Expm1: expm1,
  FakeQuantWithMinMaxVars: fakeQuant,
  Floor: plain('Floor'),
  IsFinite: isFinite,
  IsInf: plain('IsInf'),
  IsNan: plain('IsNaN'),
  LeakyRelu: leakyRelu,
  Log: plain('Log'),
  Log1p: log1p,
  LogicalNot: plain('Not'),
  Neg: plain('Neg'),
  Prelu: (call) => prelu(call.l, call.input(0), call.input(1), call.name),
  Reciprocal: plain('Reciprocal'),
  Relu: plain('Relu'),
  Relu6: (call) => relu6(call.l, call.input(0), call.name),
  Round: plain('Round'),
  Rsqrt: rsqrt,
  Select: select,
  SelectV2: select,
  Selu: plain('Selu'),
  Sigmoid: plain('Sigmoid'),
  Sign: plain('Sign'),
  Sin: plain('Sin'),
  Sinh: plain('Sinh'),
  Softplus: plain('Softplus'),
  Softsign: plain('Softsign'),
  Sqrt: plain('Sqrt'),
  Square: square,
  StopGradient: plain('StopGradient'),
  Tan: plain('Tan'),
  Tanh: plain('Tanh'),
};
