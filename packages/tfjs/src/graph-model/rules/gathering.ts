import { PathwiseError, sizeOf, toFloat64, type Shape } from '@pathwise/model';
import { normalizeAxis } from '@pathwise/ops';
import type { LayoutValue } from '../../layout/layout-builder.ts';
import type { Call, Rule, Rules } from '../call.ts';

const gather: Rule = (call) => {
  const { l, attrs, name } = call;
  const [x, indices] = [call.input(0), call.input(1)];
  const axis = normalizeAxis(call.inputs.length > 2 ? call.int(2, 'the axis') : 0, x.shape.length);
  const said = attrs.int('batch_dims', 0);
  const batch = said < 0 ? said + indices.shape.length : said;
  checkIndices(call, indices, x.shape[axis] as number);
  if (batch === 0) {
    const inputs = [l.asWritten(x), l.asWritten(indices)];
    return l.emit('Gather', inputs, { axis }, 'as-written', name);
  }
  return batchedGather(call, x, indices, axis, batch);
};

/** The leading axes of both run side by side: the axis is moved behind them, and its elements looked up one by one. */
function batchedGather(call: Call, x: LayoutValue, indices: LayoutValue, axis: number, batch: number): LayoutValue {
  const { l, name } = call;
  const rank = x.shape.length;
  const axes = x.shape.map((_, i) => i);
  const outer = axes.slice(0, batch);
  const between = axes.slice(batch, axis);
  const behind = axes.slice(axis + 1);
  const moved = l.asWritten(l.transpose(x, [...outer, axis, ...between, ...behind]));
  const tuples = l.b.reshape(l.asWritten(indices), [...indices.shape, 1]);
  const picked = l.emit('GatherND', [moved, l.b.emit('Cast', [tuples], { to: 'int64' })], { batch_dims: batch });
  // [outer, indices, between, behind] becomes [outer, between, indices, behind].
  const own = indices.shape.length - batch;
  const at = (from: number, count: number): number[] => Array.from({ length: count }, (_, i) => from + i);
  const perm = [
    ...at(0, batch),
    ...at(batch + own, between.length),
    ...at(batch, own),
    ...at(batch + own + between.length, rank - axis - 1),
  ];
  return l.transpose(picked, perm, name);
}

/** @throws PathwiseError BAD_SHAPE for constant indices that lie outside: TensorFlow counts none from the end */
function checkIndices({ l }: Call, indices: LayoutValue, size: number): void {
  const constant = l.constantOf(indices);
  const outside = constant && toFloat64(constant.data).find((index) => index < 0 || index >= size);
  if (outside === undefined) return;
  throw new PathwiseError('BAD_SHAPE', `index ${outside} lies outside of an axis of size ${size}`);
}

const gatherNd: Rule = (call) => {
  const { l, name } = call;
  return l.emit('GatherND', [l.asWritten(call.input(0)), indicesOf(call, 1)], {}, 'as-written', name);
};

/** Zeros of a constant shape, to which the updates are added. */
const scatterNd: Rule = (call) => {
  const { l, name } = call;
  const updates = l.asWritten(call.input(1));
  const shape: Shape = call.ints(2, 'the shape');
  const data = new Float64Array(sizeOf(shape));
  const zeros = l.b.constant({ dtype: l.b.type(updates).dtype, shape, data });
  return l.emit('ScatterND', [zeros, indicesOf(call, 0), updates], { reduction: 'add' }, 'as-written', name);
};

const scatterUpdate: Rule = (call) => {
  const { l, name } = call;
  const inputs = [l.asWritten(call.input(0)), indicesOf(call, 1), l.asWritten(call.input(2))];
  return l.emit('ScatterND', inputs, {}, 'as-written', name);
};

function indicesOf({ l, inputs }: Call, index: number): string {
  return l.b.emit('Cast', [l.asWritten(inputs[index] as LayoutValue)], { to: 'int64' });
}

export const gatheringRules: Rules = {
  Gather: gather,
  GatherV2: gather,
  GatherNd: gatherNd,
  ScatterNd: scatterNd,
  TensorScatterUpdate: scatterUpdate,
};
