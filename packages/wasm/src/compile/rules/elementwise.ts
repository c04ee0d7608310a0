import { isFloat, type DType } from '@pathwise/model';
import type { Node } from '@pathwise/graph';
import { integerBounds } from '@pathwise/ops';
import { unsupported, type Emitter } from '../emitter.ts';
import { addAtStore, boundAtStore } from '../fusion.ts';
import type { FunctionName } from '../step.ts';
import type { View } from '../view.ts';
import { gated, gateOf, scalarOf } from './gate.ts';
import { quarterPower } from './power.ts';
import { first, number, type Rule } from './rule.ts';

const unary =
  (f: FunctionName): Rule =>
  (e, node) => [e.map(f, [first(e, node)])];

const binary =
  (f: FunctionName): Rule =>
  (e, node) => [e.map(f, [e.input(node, 0) as View, e.input(node, 1) as View])];

/** The inputs combined one after the other. */
const variadic =
  (f: FunctionName): Rule =>
  (e, node) => [combined(e, node, f)];

function combined(e: Emitter, node: Node, f: FunctionName): View {
  const views = node.inputs.map((_, i) => e.input(node, i) as View);
  return views.length === 1 ? e.map('copy', views) : views.reduce((sum, view) => e.map(f, [sum, view]));
}

/** f(x, …) with the attributes of the node as parameters. */
const activation =
  (f: (e: Emitter, x: View, node: Node) => View): Rule =>
  (e, node) => [f(e, first(e, node), node)];

const integers = (e: Emitter, node: Node): boolean => !isFloat(e.type(node.inputs[0]).dtype);

const multiply: Rule = (e, node) => {
  const gate = gateOf(e, node.inputs[0]);
  return gate === null ? binary('multiply')(e, node) : [gated(e, node, gate)];
};

const add: Rule = (e, node) => {
  const sum = addAtStore(e, node.inputs, node.outputs[0]);
  return sum === null ? binary('add')(e, node) : [sum];
};

const divide: Rule = (e, node) => {
  // Of integers below 2^24 the rounded quotient reaches a whole number only where the true one does.
  const [quotient] = binary('divide')(e, node);
  return [integers(e, node) ? truncated(e, quotient) : quotient];
};

/** Powers that are roots and products; others take a logarithm for every element. */
const power: Rule = (e, node) => {
  const exponent = e.constantOf(node, 1);
  const x = first(e, node);
  if (exponent?.data.length !== 1 || exponent.shape.length > x.shape.length) return binary('power')(e, node);
  const fast = quarterPower(e, x, Number(exponent.data[0]));
  return fast === null ? binary('power')(e, node) : [fast];
};

const cast: Rule = (e, node) => {
  const x = first(e, node);
  const to = e.type(node.outputs[0]).dtype;
  const from = e.type(node.inputs[0]).dtype;
  if (wraps(to) && to !== from && !isWithin(e, node.inputs[0], to))
    throw unsupported(`numbers beyond the range of ${to} wrap around, which has no kernel; cut them by a Clip before`);
  if (to === 'bool' && from !== 'bool') return [e.map('not', [e.map('not', [x])])];
  // Integers have no -0: adding 0 takes the sign away.
  return [isFloat(from) && !isFloat(to) ? e.map('affine', [truncated(e, x)], 1, 0) : x];
};

/** Integer types that float32 goes beyond. */
function wraps(dtype: DType): boolean {
  return !isFloat(dtype) && !['bool', 'int32', 'int64'].includes(dtype);
}

/** Whether a tensor is cut to the range of an integer type. */
function isWithin(e: Emitter, name: string, dtype: DType): boolean {
  const clip = e.producer(name);
  if (clip?.op !== 'Clip') return false;
  const [from, to] = integerBounds(dtype);
  const [low, high] = [scalarOf(e, clip, 1), scalarOf(e, clip, 2)];
  return low !== null && high !== null && low >= from && high <= to;
}

function truncated(e: Emitter, x: View): View {
  return e.map('multiply', [e.map('sign', [x]), e.map('floor', [e.map('absolute', [x])])]);
}

/** Known bounds are applied as the tensor is stored, or in one step; others take one each. */
const clip: Rule = (e, node) => {
  const [low, high] = [e.input(node, 1), e.input(node, 2)];
  const lowest = low === null ? -Infinity : scalarOf(e, node, 1);
  const highest = high === null ? Infinity : scalarOf(e, node, 2);
  if (lowest !== null && highest !== null) return [bounded(e, node, lowest, highest)];
  const raised = low === null ? first(e, node) : e.map('maximum', [first(e, node), low]);
  return [high === null ? raised : e.map('minimum', [raised, high])];
};

function bounded(e: Emitter, node: Node, low: number, high: number): View {
  const x = first(e, node);
  if (boundAtStore(e, node.inputs[0], node.outputs[0], low, high)) return x;
  return low === 0 && high === Infinity ? e.map('relu', [x]) : e.map('clamp', [x], low, high);
}

const isInfinite: Rule = (e, node) => {
  const x = first(e, node);
  const [negative, positive] = [number(node, 'detect_negative'), number(node, 'detect_positive')];
  const infinite = e.map('isInfinite', [x]);
  if (negative === 1 && positive === 1) return [infinite];
  if (negative === 0 && positive === 0) return [e.map('isNaN', [infinite])];
  return [e.map('and', [infinite, e.map(positive === 1 ? 'greater' : 'less', [x, e.scalar(0)])])];
};

/** alpha x + beta cut to [0, 1]. */
const hardSigmoid = (e: Emitter, x: View, alpha: number, beta: number): View =>
  e.map('clamp', [e.map('affine', [x], alpha, beta)], 0, 1);

/** 0.5 x (1 + erf(x / sqrt 2)), or with tanh(sqrt(2 / pi) (x + 0.044715 x^3)) for it. */
const gelu: Rule = activation((e, x, node) => {
  let s: View;
  if (node.attrs['approximate'] === 'tanh') {
    const cubic = e.map('affine', [e.map('multiply', [x, x])], 0.044715, 1);
    s = e.map('tanh', [e.map('affine', [e.map('multiply', [x, cubic])], Math.sqrt(2 / Math.PI))]);
  } else {
    s = erfOfRootHalf(e, node.inputs[0], x);
  }
  return e.map('multiply', [x, e.map('affine', [s], 0.5, 0.5)]);
});

/** erf(x / sqrt 2), which Gelu and its gradient both need. */
function erfOfRootHalf(e: Emitter, name: string, x: View): View {
  const [y] = e.once(`erf of root half ${name}`, () => [e.map('errorFunction', [e.map('affine', [x], Math.SQRT1_2)])]);
  return y;
}

const erf: Rule = (e, node) => {
  const scaled = e.producer(node.inputs[0]);
  const factor = scaled?.op === 'Mul' ? scalarOf(e, scaled, 1) : null;
  if (scaled === undefined || factor === null || Math.fround(factor) !== Math.fround(Math.SQRT1_2))
    return unary('errorFunction')(e, node);
  return [erfOfRootHalf(e, scaled.inputs[0], e.view(scaled.inputs[0]))];
};

export const elementwiseRules: Readonly<Record<string, Rule>> = {
  Abs: unary('absolute'),
  Acos: unary('arcCosine'),
  Acosh: unary('areaCosine'),
  Add: add,
  And: binary('and'),
  Asin: unary('arcSine'),
  Asinh: unary('areaSine'),
  Atan: unary('arcTangent'),
  Atanh: unary('areaTangent'),
  Cast: cast,
  Ceil: unary('ceiling'),
  Celu: activation((e, x, node) => {
    const alpha = number(node, 'alpha');
    const y = e.map('affine', [e.map('exponentialLinear', [e.map('affine', [x], 1 / alpha)], 1)], alpha);
    return e.map('choose', [e.map('greater', [x, e.scalar(0)]), x, y]);
  }),
  Clip: clip,
  Cos: unary('cosine'),
  Cosh: unary('hyperbolicCosine'),
  Div: divide,
  Dropout: (e, node) => {
    if ((node.outputs[1] ?? '') !== '') throw unsupported('its mask has no kernel');
    return [first(e, node)];
  },
  Elu: activation((e, x, node) => e.map('exponentialLinear', [x], number(node, 'alpha'))),
  Equal: binary('equal'),
  Erf: erf,
  Exp: unary('exponential'),
  Floor: unary('floor'),
  Gelu: gelu,
  Greater: binary('greater'),
  GreaterOrEqual: binary('greaterEqual'),
  HardSigmoid: activation((e, x, node) => hardSigmoid(e, x, number(node, 'alpha'), number(node, 'beta'))),
  HardSwish: activation((e, x) => e.map('multiply', [x, hardSigmoid(e, x, 1 / 6, 0.5)])),
  Identity: (e, node) => [first(e, node)],
  IsInf: isInfinite,
  IsNaN: unary('isNaN'),
  LeakyRelu: activation((e, x, node) => e.map('leaky', [x], number(node, 'alpha'))),
  Less: binary('less'),
  LessOrEqual: binary('lessEqual'),
  Log: unary('logarithm'),
  Max: variadic('maximum'),
  Mean: (e, node) => [e.map('affine', [combined(e, node, 'add')], 1 / node.inputs.length)],
  Min: variadic('minimum'),
  Mish: activation((e, x) => e.map('multiply', [x, e.map('tanh', [e.map('softplus', [x])])])),
  Mod: (e, node) => binary(number(node, 'fmod') === 1 ? 'truncatedModulo' : 'floorModulo')(e, node),
  Mul: multiply,
  Neg: unary('negate'),
  Not: unary('not'),
  Or: binary('or'),
  Pow: power,
  PRelu: (e, node) => {
    const [x, slope] = [e.input(node, 0) as View, e.input(node, 1) as View];
    return [e.map('choose', [e.map('less', [x, e.scalar(0)]), e.map('multiply', [x, slope]), x])];
  },
  Reciprocal: unary('reciprocal'),
  Relu: (e, node) => [bounded(e, node, 0, Infinity)],
  Round: unary('round'),
  Selu: activation((e, x, node) =>
    e.map('affine', [e.map('exponentialLinear', [x], number(node, 'alpha'))], number(node, 'gamma')),
  ),
  Shrink: activation((e, x, node) => {
    const [bias, lambd] = [number(node, 'bias'), number(node, 'lambd')];
    const above = e.map('choose', [
      e.map('greater', [x, e.scalar(lambd)]),
      e.map('affine', [x], 1, -bias),
      e.scalar(0),
    ]);
    return e.map('choose', [e.map('less', [x, e.scalar(-lambd)]), e.map('affine', [x], 1, bias), above]);
  }),
  Sigmoid: unary('sigmoid'),
  Sign: unary('sign'),
  Sin: unary('sine'),
  Sinh: unary('hyperbolicSine'),
  Softplus: unary('softplus'),
  Softsign: activation((e, x) => e.map('divide', [x, e.map('affine', [e.map('absolute', [x])], 1, 1)])),
  Sqrt: unary('squareRoot'),
  StopGradient: (e, node) => [first(e, node)],
  Sub: binary('subtract'),
  Sum: variadic('add'),
  Swish: activation((e, x, node) => {
    const alpha = number(node, 'alpha');
    const scaled = alpha === 1 ? x : e.map('affine', [x], alpha);
    return e.map('multiply', [x, e.map('sigmoid', [scaled])]);
  }),
  Tan: unary('tangent'),
  Tanh: unary('tanh'),
  ThresholdedRelu: activation((e, x, node) =>
    e.map('choose', [e.map('greater', [x, e.scalar(number(node, 'alpha'))]), x, e.scalar(0)]),
  ),
  Where: (e, node) => [
    e.map(
      'choose',
      [0, 1, 2].map((i) => e.input(node, i) as View),
    ),
  ],
  Xor: binary('exclusiveOr'),
};
