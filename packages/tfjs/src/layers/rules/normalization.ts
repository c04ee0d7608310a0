import { reduce, reshape } from '../../layout/along-axes.ts';
import { imageOf } from '../../layout/convolution.ts';
import { elementWise, scalarLike, unary } from '../../layout/element-wise.ts';
import type { LayoutBuilder, LayoutValue } from '../../layout/layout-builder.ts';
import { filled } from '../filled.ts';
import { axesOf, badShape, keepsMask, weight, type LayerCall, type LayerRule } from '../layer-call.ts';

/** By stored means and variances; gamma or beta may be absent. */
export const batchNormalization: LayerRule = keepsMask((call, x) => {
  const { l, config } = call;
  const rank = x.shape.length;
  const [axis = rank - 1, ...more] = axesOf(call, 'axis', rank, -1);
  if (more.length > 0) throw config.error('axis', 'one axis', config.raw('axis'));
  const size = x.shape[axis] as number;
  const parameters = [
    vectorOf(call, 'gamma', size, 1),
    vectorOf(call, 'beta', size, 0),
    weight(call, 'moving_mean', 1),
    weight(call, 'moving_variance', 1),
  ];
  for (const { shape } of parameters) if (shape[0] !== size) throw badShape(call, `${size} parameters`, shape);
  const epsilon = config.number('epsilon', 1e-3);
  const emit = (ref: string): string =>
    l.b.emit('BatchNormalization', [ref, ...parameters.map((parameter) => parameter.ref)], { epsilon });
  if (axis === rank - 1 && (rank > 3 || x.layout === 'channels-first')) {
    const { ref, layout } = imageOf(l, x, 'channels-last');
    return l.value(emit(ref), layout);
  }
  if (axis === 1) return l.value(emit(l.asWritten(x)));
  if (axis === rank - 1) {
    // A sequence: its steps are normalized like rows.
    const rows = l.b.reshape(l.asWritten(x), [x.shape.slice(0, -1).reduce((a, b) => a * b, 1), size]);
    return l.value(l.b.reshape(emit(rows), x.shape));
  }
  const order = [0, axis, ...x.shape.map((_, i) => i).filter((i) => i > 0 && i !== axis)];
  const normalized = l.value(emit(l.asWritten(l.transpose(x, order))));
  return l.transpose(
    normalized,
    order.map((_, i) => order.indexOf(i)),
  );
});

/** By the mean and variance over some axes of a row. */
export const layerNormalization: LayerRule = keepsMask((call, x) => {
  const { l, config } = call;
  const rank = x.shape.length;
  const axes = axesOf(call, 'axis', rank, -1);
  const shape = axes.map((axis) => x.shape[axis] as number);
  const epsilon = config.number('epsilon', 1e-3);
  const gamma = axesParameter(call, 'gamma', axes, x.shape);
  const beta = axesParameter(call, 'beta', axes, x.shape);
  const first = rank - axes.length;
  if (x.layout === 'as-written' && axes.every((axis, i) => axis === first + i)) {
    const scale = gamma ?? filled(l, shape, 1);
    const inputs = [x.ref, l.b.reshape(scale.ref, shape), ...(beta === null ? [] : [l.b.reshape(beta.ref, shape)])];
    return l.emit('LayerNormalization', inputs, { axis: first, epsilon });
  }
  const standard = standardized(l, x, axes, epsilon);
  const scaled = gamma === null ? standard : elementWise(l, 'Mul', [standard, gamma]);
  return beta === null ? scaled : elementWise(l, 'Add', [scaled, beta]);
});

/** By the mean and variance of each group of channels. */
export const groupNormalization: LayerRule = keepsMask((call, x) => {
  const { l, config } = call;
  const rank = x.shape.length;
  const [axis = rank - 1, ...more] = axesOf(call, 'axis', rank, -1);
  if (more.length > 0 || (axis !== 1 && axis !== rank - 1)) {
    throw config.error('axis', 'the first or the last axis of a row', config.raw('axis'));
  }
  const channels = x.shape[axis] as number;
  const given = config.integer('groups', 32);
  const groups = given === -1 ? channels : given;
  if (groups < 1 || channels % groups !== 0) throw badShape(call, `channels in ${groups} equal groups`, x.shape);
  const [gamma, beta] = [vectorOf(call, 'gamma', channels, 1), vectorOf(call, 'beta', channels, 0)];
  const image = rank === 2 ? reshape(l, x, [...x.shape, 1]) : x;
  const { ref, layout } = imageOf(l, image, axis === 1 ? 'channels-first' : 'channels-last');
  const attrs = { num_groups: groups, epsilon: config.number('epsilon', 1e-3) };
  const normalized = l.emit('GroupNormalization', [ref, gamma.ref, beta.ref], attrs, layout);
  return rank === 2 ? reshape(l, normalized, x.shape) : normalized;
});

/** x by the mean and variance over axes as written. */
function standardized(l: LayoutBuilder, x: LayoutValue, axes: readonly number[], epsilon: number): LayoutValue {
  const centred = elementWise(l, 'Sub', [x, reduce(l, 'ReduceMean', x, axes, true)]);
  const variance = reduce(l, 'ReduceMean', elementWise(l, 'Mul', [centred, centred]), axes, true);
  return elementWise(l, 'Div', [
    centred,
    unary(l, 'Sqrt', elementWise(l, 'Add', [variance, scalarLike(l, epsilon, variance)])),
  ]);
}

/** A scale or shift for each channel; one number where the layer has none. */
function vectorOf(call: LayerCall, variable: 'gamma' | 'beta', size: number, absent: number): LayoutValue {
  const isOn = call.config.boolean(variable === 'gamma' ? 'scale' : 'center', true);
  return isOn ? weight(call, variable, 1) : filled(call.l, [size], absent);
}

/** A parameter shaped like the axes it belongs to, as a value that broadcasts with the input; null: the layer has none. */
function axesParameter(
  call: LayerCall,
  variable: 'gamma' | 'beta',
  axes: readonly number[],
  shape: readonly number[],
): LayoutValue | null {
  if (!call.config.boolean(variable === 'gamma' ? 'scale' : 'center', true)) return null;
  const { l } = call;
  const own = weight(call, variable);
  const expected = axes.map((axis) => shape[axis] as number).join();
  if (own.shape.join() !== expected) throw badShape(call, `"${variable}" of shape [${expected}]`, own.shape);
  // Parameters come in the order in which the axes are listed.
  const order = axes.map((axis, i) => ({ axis, i })).sort((a, b) => a.axis - b.axis);
  const inOrder = l.transpose(
    own,
    order.map(({ i }) => i),
  );
  const full = shape.map((d, axis) => (axes.includes(axis) ? d : 1));
  return l.value(l.b.reshape(l.asWritten(inOrder), full));
}
