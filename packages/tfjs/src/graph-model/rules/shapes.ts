import { fromNumbers, PathwiseError, sizeOf, tensor } from '@pathwise/model';
import { expandDims, reshape, squeeze } from '../../layout/along-axes.ts';
import type { LayoutValue } from '../../layout/layout-builder.ts';
import type { Call, Rule, Rules } from '../call.ts';

const reshapeRule: Rule = (call) => {
  const x = call.input(0);
  const shape = call.ints(1, 'the shape');
  const open = shape.filter((size) => size === -1).length;
  const known = shape.reduce((product, size) => product * (size === -1 ? 1 : size), 1);
  const size = sizeOf(x.shape);
  if (open > 1 || shape.some((d) => d < -1) || (open === 1 ? known < 1 || size % known !== 0 : known !== size)) {
    throw new PathwiseError(
      'BAD_SHAPE',
      `[${x.shape.join(',')}] cannot become [${shape.join(',')}]. Graphs are made for one row: a batch that is fixed in the file must be 1`,
    );
  }
  return reshape(call.l, x, shape, call.name);
};

const squeezeRule: Rule = (call) => {
  const x = call.input(0);
  const said = call.attrs.ints(call.attrs.has('squeeze_dims') ? 'squeeze_dims' : 'axis', []);
  const axes = said.length > 0 ? said : x.shape.flatMap((size, axis) => (size === 1 && axis > 0 ? [axis] : []));
  return squeeze(call.l, x, axes, call.name);
};

const expandDimsRule: Rule = (call) => {
  const axis = call.inputs.length > 1 ? call.int(1, 'the axis') : call.attrs.int('dim');
  return expandDims(call.l, call.input(0), axis, call.name);
};

const transposeRule: Rule = (call) => call.l.transpose(call.input(0), call.ints(1, 'perm'), call.name);

/** Sizes are known; what counts the batch is that of one row. */
const ints = ({ l }: Call, shape: readonly number[], values: readonly number[], name: string): LayoutValue =>
  l.constant(tensor('int32', shape, fromNumbers('int32', values)), name);

const shapeRule: Rule = (call) => {
  const { shape } = call.input(0);
  return ints(call, [shape.length], shape, call.name);
};

const shapeN: Rule = (call) => {
  const names = call.names(call.inputs.length);
  return call.inputs.map(({ shape }, i) => ints(call, [shape.length], shape, names[i] as string));
};

const passOn: Rule = (call) => call.input(0);

export const shapeRules: Rules = {
  EnsureShape: passOn,
  ExpandDims: expandDimsRule,
  Identity: passOn,
  IdentityN: ({ inputs }) => inputs,
  PlaceholderWithDefault: passOn,
  Print: passOn,
  Rank: (call) => ints(call, [], [call.input(0).shape.length], call.name),
  Reshape: reshapeRule,
  Shape: shapeRule,
  ShapeN: shapeN,
  Size: (call) => ints(call, [], [sizeOf(call.input(0).shape)], call.name),
  Snapshot: passOn,
  Squeeze: squeezeRule,
  Transpose: transposeRule,
};
