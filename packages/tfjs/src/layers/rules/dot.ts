import { sizeOf } from '@pathwise/model';
import { reduce, reshape } from '../../layout/along-axes.ts';
import { elementWise, scalarLike, unary } from '../../layout/element-wise.ts';
import type { LayoutValue } from '../../layout/layout-builder.ts';
import { badCall, badShape, type LayerCall, type LayerRule } from '../layer-call.ts';

/** Sums of products of two inputs over one axis of each; `normalize` divides each by its length first. */
export const dot: LayerRule = (call) => {
  const { inputs, config, l } = call;
  const [a, b] = inputs;
  if (a === undefined || b === undefined || inputs.length > 2) throw badCall(call, `two inputs, got ${inputs.length}`);
  const [i, j] = contracted(call, a.shape.length, b.shape.length);
  if (a.shape[i] !== b.shape[j]) throw badShape(call, `${a.shape[i]} elements along axis ${j}`, b.shape);
  const unit = config.boolean('normalize', false);
  const [x, y] = unit ? [normalized(call, a, i), normalized(call, b, j)] : [a, b];
  const rows = a.shape[0] as number;
  const [restA, restB] = [without(a.shape, i), without(b.shape, j)];
  const left = reshape(l, l.transpose(x, [0, ...restA, i]), [rows, sizes(a, restA), a.shape[i] as number]);
  const right = reshape(l, l.transpose(y, [0, j, ...restB]), [rows, b.shape[j] as number, sizes(b, restB)]);
  const product = l.emit('MatMul', [l.asWritten(left), l.asWritten(right)]);
  const rest = [...restA.map((axis) => a.shape[axis] as number), ...restB.map((axis) => b.shape[axis] as number)];
  return { outputs: [reshape(l, product, [rows, ...(rest.length === 0 ? [1] : rest)])], mask: null };
};

function contracted(call: LayerCall, rankA: number, rankB: number): [number, number] {
  const json = call.config.raw('axes');
  const pair = Array.isArray(json) ? json : [json, json];
  const axis = (value: unknown, rank: number): number => {
    const at = typeof value === 'number' && value < 0 ? value + rank : value;
    if (typeof at !== 'number' || !Number.isInteger(at) || at < 1 || at >= rank) {
      throw call.config.error('axes', `axes from 1 to ${rank - 1}`, json);
    }
    return at;
  };
  if (pair.length !== 2) throw call.config.error('axes', 'one axis or two', json);
  return [axis(pair[0], rankA), axis(pair[1], rankB)];
}

function without(shape: readonly number[], axis: number): number[] {
  return shape.map((_, i) => i).filter((i) => i > 0 && i !== axis);
}

function sizes({ shape }: LayoutValue, axes: readonly number[]): number {
  return sizeOf(axes.map((axis) => shape[axis] as number));
}

/** x / |x|, with the square of the length kept above a small number, which is another one in TensorFlow.js. */
function normalized({ l, writer }: LayerCall, x: LayoutValue, axis: number): LayoutValue {
  const squares = reduce(l, 'ReduceSum', elementWise(l, 'Mul', [x, x]), [axis], true);
  const least = scalarLike(l, writer === 'tfjs' ? 1e-7 : 1e-12, x);
  return elementWise(l, 'Div', [x, unary(l, 'Sqrt', elementWise(l, 'Max', [squares, least]))]);
}
