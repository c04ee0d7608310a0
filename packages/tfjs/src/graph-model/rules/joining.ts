import { PathwiseError } from '@pathwise/model';
import { concat, split, squeeze, stack } from '../../layout/along-axes.ts';
import type { LayoutValue } from '../../layout/layout-builder.ts';
import type { Call, Rule, Rules } from '../call.ts';

const concatV2: Rule = (call) => {
  const last = call.inputs.length - 1;
  return joined(call, call.inputs.slice(0, last), call.int(last, 'the axis'));
};

const concatV1: Rule = (call) => joined(call, call.inputs.slice(1), call.int(0, 'the axis'));

function joined({ l, name }: Call, values: readonly LayoutValue[], axis: number): LayoutValue {
  if (values.length === 0) throw new PathwiseError('BAD_FILE', 'expected at least one value to join, got none');
  return concat(l, values, axis, name);
}

const pack: Rule = ({ l, inputs, attrs, name }) => stack(l, inputs, attrs.int('axis', 0), name);

const unpack: Rule = (call) => {
  const { l, attrs } = call;
  const x = call.input(0);
  const axis = attrs.int('axis', 0);
  const sizes = new Array<number>(x.shape.at(axis) ?? 0).fill(1);
  const parts = split(l, x, sizes, axis);
  return parts.map((part, i) => squeeze(l, part, [axis], call.names(parts.length)[i] as string));
};

const splitEqually: Rule = (call) => {
  const { l, attrs } = call;
  const [axis, x] = [call.int(0, 'the axis'), call.input(1)];
  const count = attrs.int('num_split');
  const size = (x.shape.at(axis) ?? 0) / count;
  if (!(Number.isInteger(size) && count > 0)) {
    throw new PathwiseError('BAD_SHAPE', `[${x.shape.join(',')}] cannot be split into ${count} along axis ${axis}`);
  }
  return split(l, x, new Array<number>(count).fill(size), axis, call.names(count));
};

/** One of the sizes may be -1: what the others leave. */
const splitV: Rule = (call) => {
  const [x, sizes, axis] = [call.input(0), call.ints(1, 'the sizes'), call.int(2, 'the axis')];
  const rest = sizes.reduce((left, size) => (size === -1 ? left : left - size), x.shape.at(axis) ?? 0);
  const full = sizes.map((size) => (size === -1 ? rest : size));
  return split(call.l, x, full, axis, call.names(full.length));
};

export const joiningRules: Rules = {
  Concat: concatV1,
  ConcatV2: concatV2,
  Pack: pack,
  Split: splitEqually,
  SplitV: splitV,
  Unpack: unpack,
};
