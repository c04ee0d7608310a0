import { concat, reshape } from '../../layout/along-axes.ts';
import { elementWise, scalarLike } from '../../layout/element-wise.ts';
import type { LayoutValue } from '../../layout/layout-builder.ts';
import { badCall, badShape, type LayerCall, type LayerResult, type LayerRule } from '../layer-call.ts';
import { filled } from '../filled.ts';
import { conjunction } from '../mask.ts';

/** An element-wise op of two or more inputs; `once`: it takes all of them, otherwise two at a time. */
function merge(op: string, once: boolean, finish = (_: LayerCall, y: LayoutValue): LayoutValue => y): LayerRule {
  return (call) => {
    const xs = sameRank(call);
    const all = once
      ? elementWise(call.l, op, xs)
      : xs.slice(1).reduce((sum, x) => elementWise(call.l, op, [sum, x]), xs[0] as LayoutValue);
    return { outputs: [finish(call, all)], mask: conjunction(call.l, call.masks) };
  };
}

export const add: LayerRule = merge('Add', false);
export const multiply: LayerRule = merge('Mul', false);
export const maximum: LayerRule = merge('Max', true);
export const minimum: LayerRule = merge('Min', true);
export const average: LayerRule = merge('Add', false, ({ l, inputs }, sum) =>
  elementWise(l, 'Div', [sum, scalarLike(l, inputs.length, sum)]),
);

export const subtract: LayerRule = (call) => {
  if (call.inputs.length !== 2) throw badCall(call, `two inputs, got ${call.inputs.length}`);
  return merge('Sub', false)(call);
};

/** Inputs of lower rank get axes of size 1 behind the batch. */
function sameRank(call: LayerCall): LayoutValue[] {
  const { inputs, l } = call;
  if (inputs.length < 2) throw badCall(call, `two or more inputs, got ${inputs.length}`);
  const rank = Math.max(...inputs.map(({ shape }) => shape.length));
  return inputs.map((x) => {
    const missing = rank - x.shape.length;
    if (missing === 0) return x;
    return reshape(l, x, [x.shape[0] as number, ...new Array<number>(missing).fill(1), ...x.shape.slice(1)]);
  });
}

export const concatenate: LayerRule = (call): LayerResult => {
  const { inputs, l, config } = call;
  const [first] = inputs;
  if (first === undefined) throw badCall(call, 'one or more inputs, got 0');
  const rank = first.shape.length;
  const axis = config.integer('axis', -1);
  if (axis < -rank || axis >= rank) throw config.error('axis', `an axis of a tensor of ${rank} axes`, axis);
  const at = axis < 0 ? axis + rank : axis;
  for (const { shape } of inputs) {
    const fits = shape.length === rank && shape.every((d, i) => i === at || d === first.shape[i]);
    if (!fits) throw badShape(call, `inputs like [${first.shape.join(',')}] but for axis ${at}`, shape);
  }
  const isTime = at === 1 && rank > 2;
  return {
    outputs: [inputs.length === 1 ? first : concat(l, inputs, at)],
    mask: isTime ? joinedMasks(call) : conjunction(l, call.masks),
  };
};

/** Masks of sequences one after the other; where one has none all its steps count. */
function joinedMasks({ l, inputs, masks }: LayerCall): LayoutValue | null {
  if (masks.every((mask) => mask === null)) return null;
  const full = masks.map((mask, i) => mask ?? filled(l, (inputs[i]?.shape ?? []).slice(0, 2), 1, 'bool'));
  return concat(l, full, 1);
}
