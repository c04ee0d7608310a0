import { unary } from '../../layout/element-wise.ts';
import type { Rule, Rules } from '../call.ts';

const cumulative =
  (op: 'CumSum' | 'CumProd'): Rule =>
  (call) => {
    const { l, attrs, name } = call;
    const x = call.input(0);
    const axis = l.b.constantOf(l.b.ints([l.axis(x, call.int(1, 'the axis'))]));
    const flags = { exclusive: Number(attrs.bool('exclusive', false)), reverse: Number(attrs.bool('reverse', false)) };
    return l.emit(op, [x.ref, l.b.constant({ ...axis!, shape: [] })], flags, x.layout, name);
  };

/** Values and places of the largest along the last axis. */
const topK: Rule = (call) => {
  const { l, attrs } = call;
  const [name, places] = call.names(2) as [string, string];
  const x = call.input(0);
  const inputs = [x.ref, l.b.ints([call.int(1, 'k')])];
  const held = { axis: l.axis(x, -1), largest: 1, sorted: Number(attrs.bool('sorted', true)) };
  const found = l.b.freshName('TopK');
  const [values, indices] = l.apply('TopK', inputs, held, x.layout, { name, outputs: [name, found] });
  return [values!, unary(l, 'Cast', indices!, { to: 'int32' }, places)];
};

/** The places of the true elements, one row each. */
const where: Rule = (call) => {
  const { l, name } = call;
  const places = l.b.emit('NonZero', [l.asWritten(call.input(0))]);
  return unary(l, 'Cast', l.value(l.b.transpose(places, [1, 0])), { to: 'int32' }, name);
};

export const orderingRules: Rules = {
  Cumprod: cumulative('CumProd'),
  Cumsum: cumulative('CumSum'),
  TopKV2: topK,
  Where: where,
};
