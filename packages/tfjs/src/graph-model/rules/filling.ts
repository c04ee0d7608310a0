import { PathwiseError } from '@pathwise/model';
import type { Call, Rule, Rules } from '../call.ts';

const fill: Rule = (call) => {
  const { l, name } = call;
  const value = l.b.reshape(l.asWritten(call.input(1)), []);
  return l.emit('Expand', [value, l.b.ints(call.ints(0, 'the shape'))], {}, 'as-written', name);
};

const like =
  (value: number): Rule =>
  (call) => {
    const x = call.input(0);
    const { dtype } = call.l.b.type(x.ref);
    const shape = call.l.b.ints(call.l.b.shape(x.ref));
    return call.l.emit('Expand', [call.l.b.scalar(value, dtype), shape], {}, x.layout, call.name);
  };

/** The batch of the target says nothing about one row; sizes of -1 stay as they are. */
const broadcastTo: Rule = (call) => {
  const { l, name } = call;
  const x = call.input(0);
  const target = call.ints(1, 'the shape');
  const offset = target.length - x.shape.length;
  const shape = target.map((size, axis) => (size === -1 ? (x.shape[axis - offset] ?? 1) : size));
  return l.emit('Expand', [l.asWritten(x), l.b.ints(shape)], {}, 'as-written', name);
};

const tile: Rule = (call) => {
  const { l, name } = call;
  const x = call.input(0);
  const repeats = call.ints(1, 'multiples');
  if (repeats.length !== x.shape.length) {
    throw new PathwiseError('BAD_SHAPE', `expected ${x.shape.length} multiples, got [${repeats.join(',')}]`);
  }
  const held = l.order(x).map((axis) => repeats[axis] as number);
  return l.emit('Tile', [x.ref, l.b.ints(held)], {}, x.layout, name);
};

const range: Rule = (call) => {
  const { l, name } = call;
  return l.emit('Range', scalars(call, [0, 1, 2]), {}, 'as-written', name);
};

/** `off` and `on` become one tensor of two values. */
const oneHot: Rule = (call) => {
  const { l, attrs, name } = call;
  const [on, off] = [2, 3].map((i) => l.b.reshape(l.asWritten(call.input(i)), [1])) as [string, string];
  const values = l.b.concat([off, on], 0);
  const inputs = [inRange(call, l.asWritten(call.input(0))), scalars(call, [1])[0] as string, values];
  return l.emit('OneHot', inputs, { axis: attrs.int('axis', -1) }, 'as-written', name);
};

/** TensorFlow gives no hit for a negative index; ONNX counts it from the end. */
function inRange({ l }: Call, indices: string): string {
  const { dtype } = l.b.type(indices);
  const beyond = l.b.scalar(2 ** 30, dtype);
  return l.b.where(l.b.less(indices, l.b.scalar(0, dtype)), beyond, indices);
}

function scalars(call: Call, places: readonly number[]): string[] {
  return places.map((i) => call.l.b.reshape(call.l.asWritten(call.input(i)), []));
}

export const fillingRules: Rules = {
  BroadcastTo: broadcastTo,
  Fill: fill,
  OneHot: oneHot,
  OnesLike: like(1),
  Range: range,
  Tile: tile,
  ZerosLike: like(0),
};
