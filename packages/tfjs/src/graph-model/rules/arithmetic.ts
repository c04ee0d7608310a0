import { elementWise, scalarLike, unary } from '../../layout/element-wise.ts';
import type { LayoutBuilder, LayoutValue } from '../../layout/layout-builder.ts';
import type { Rule, Rules } from '../call.ts';
import { addBias } from './fused-ops.ts';
import { formatOf } from './windows.ts';

const broadcast =
  (op: string): Rule =>
  (call) =>
    elementWise(call.l, op, [call.input(0), call.input(1)], {}, call.name);

const biasAdd: Rule = (call) => addBias(call, call.input(0), call.input(1), formatOf(call.attrs) === 'channels-first');

const addN: Rule = ({ l, inputs, name }) => elementWise(l, 'Sum', inputs, {}, name);

const squaredDifference: Rule = (call) => {
  const difference = elementWise(call.l, 'Sub', [call.input(0), call.input(1)]);
  return elementWise(call.l, 'Mul', [difference, difference], {}, call.name);
};

/** 0 where the divisor is 0. */
const divNoNan: Rule = (call) => {
  const { l, name } = call;
  const divisor = call.input(1);
  const zero = scalarLike(l, 0, divisor);
  const isZero = elementWise(l, 'Equal', [divisor, zero]);
  const safe = elementWise(l, 'Where', [isZero, scalarLike(l, 1, divisor), divisor]);
  const quotient = elementWise(l, 'Div', [call.input(0), safe]);
  return elementWise(l, 'Where', [isZero, scalarLike(l, 0, quotient), quotient], {}, name);
};

/** The quotient rounded down; integers are divided as float64, which holds them exactly. */
function flooredQuotient(l: LayoutBuilder, a: LayoutValue, b: LayoutValue, name?: string): LayoutValue {
  if (l.isFloat(a)) return unary(l, 'Floor', elementWise(l, 'Div', [a, b]), {}, name);
  const wide = [a, b].map((x) => unary(l, 'Cast', x, { to: 'float64' }));
  const quotient = unary(l, 'Floor', elementWise(l, 'Div', wide));
  return unary(l, 'Cast', quotient, { to: l.dtype(a) }, name);
}

const floorDiv: Rule = (call) => flooredQuotient(call.l, call.input(0), call.input(1), call.name);

/** a - floor(a / b) b: has the sign of b. */
const floorMod: Rule = (call) => {
  const { l, name } = call;
  const [a, b] = [call.input(0), call.input(1)];
  const whole = elementWise(l, 'Mul', [flooredQuotient(l, a, b), b]);
  return elementWise(l, 'Sub', [a, whole], {}, name);
};

const negated =
  (op: string): Rule =>
  (call) =>
    unary(call.l, 'Not', elementWise(call.l, op, [call.input(0), call.input(1)]), {}, call.name);

export const arithmeticRules: Rules = {
  Add: broadcast('Add'),
  AddV2: broadcast('Add'),
  AddN: addN,
  BiasAdd: biasAdd,
  Sub: broadcast('Sub'),
  Mul: broadcast('Mul'),
  Div: broadcast('Div'),
  RealDiv: broadcast('Div'),
  DivNoNan: divNoNan,
  FloorDiv: floorDiv,
  FloorMod: floorMod,
  Maximum: broadcast('Max'),
  Minimum: broadcast('Min'),
  Pow: broadcast('Pow'),
  SquaredDifference: squaredDifference,
  Equal: broadcast('Equal'),
  NotEqual: negated('Equal'),
  Greater: broadcast('Greater'),
  GreaterEqual: broadcast('GreaterOrEqual'),
  Less: broadcast('Less'),
  LessEqual: broadcast('LessOrEqual'),
  LogicalAnd: broadcast('And'),
  LogicalOr: broadcast('Or'),
  LogicalXor: broadcast('Xor'),
};
