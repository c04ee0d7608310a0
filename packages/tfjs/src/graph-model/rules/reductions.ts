import { argExtremum, reduce } from '../../layout/along-axes.ts';
import { unary } from '../../layout/element-wise.ts';
import type { Rule, Rules } from '../call.ts';

const reduction =
  (op: string): Rule =>
  (call) =>
    reduce(call.l, op, call.input(0), call.ints(1, 'axes'), keeps(call), call.name);

/** All is the minimum and Any the maximum of zeros and ones. */
const logical =
  (op: 'ReduceMin' | 'ReduceMax'): Rule =>
  (call) => {
    const { l, name } = call;
    const numbers = unary(l, 'Cast', call.input(0), { to: 'int32' });
    const reduced = reduce(l, op, numbers, call.ints(1, 'axes'), keeps(call));
    return unary(l, 'Cast', reduced, { to: 'bool' }, name);
  };

const arg =
  (op: 'ArgMax' | 'ArgMin'): Rule =>
  (call) => {
    const { l, name } = call;
    return unary(l, 'Cast', argExtremum(l, op, call.input(0), call.int(1, 'the axis')), { to: 'int32' }, name);
  };

function keeps({ attrs }: Parameters<Rule>[0]): boolean {
  return attrs.bool('keep_dims', false);
}

export const reductionRules: Rules = {
  All: logical('ReduceMin'),
  Any: logical('ReduceMax'),
  ArgMax: arg('ArgMax'),
  ArgMin: arg('ArgMin'),
  EuclideanNorm: reduction('ReduceL2'),
  Max: reduction('ReduceMax'),
  Mean: reduction('ReduceMean'),
  Min: reduction('ReduceMin'),
  Prod: reduction('ReduceProd'),
  Sum: reduction('ReduceSum'),
};
