import { sizeOf } from '@pathwise/model';
import { Fields } from '../../files/fields.ts';
import type { JsonObject } from '../../files/json.ts';
import { concat, slice } from '../../layout/along-axes.ts';
import { elementWise, scalarLike } from '../../layout/element-wise.ts';
import type { LayoutValue } from '../../layout/layout-builder.ts';
import { unsupportedSetting, type LayerCall, type LayerResult, type LayerRule } from '../layer-call.ts';

/** A recurrent layer from both ends; where sequences come back, the backward one is put in order again. */
export const bidirectional: LayerRule = (call) => {
  const { config, l } = call;
  const half = config.object('layer');
  const [x, ...states] = call.inputs;
  const inner = half.object('config');
  const own = inner.boolean('go_backwards', false);
  const backward = config.has('backward_layer') ? config.object('backward_layer') : half;
  const halfOf = (layer: Fields, prefix: string, goBackwards: boolean, initial: readonly LayoutValue[]): LayerResult =>
    call.apply(layer.string('class_name'), withGoBackwards(layer.object('config'), goBackwards), {
      inputs: [x as LayoutValue, ...initial],
      weights: call.weights.within(prefix),
    });
  const forth = halfOf(half, 'forward', own, states.slice(0, states.length / 2));
  const back = halfOf(backward, 'backward', !own, states.slice(states.length / 2));
  const [y, ...yStates] = forth.outputs as [LayoutValue, ...LayoutValue[]];
  const [z, ...zStates] = back.outputs as [LayoutValue, ...LayoutValue[]];
  const isSequence = inner.boolean('return_sequences', false);
  const inOrder = isSequence ? reversed(call, z) : z;
  return {
    outputs: [...merged(call, y, inOrder), ...yStates, ...zStates],
    mask: isSequence ? (call.masks[0] ?? null) : null,
  };

  function merged({ l: builder }: LayerCall, a: LayoutValue, b: LayoutValue): LayoutValue[] {
    // null, unlike an absent key, means no merging.
    const mode = config.keys().includes('merge_mode') ? config.raw('merge_mode') : 'concat';
    switch (mode) {
      case undefined:
        return [a, b];
      case 'concat':
        return [concat(builder, [a, b], -1)];
      case 'sum':
        return [elementWise(l, 'Add', [a, b])];
      case 'mul':
        return [elementWise(l, 'Mul', [a, b])];
      case 'ave': {
        const sum = elementWise(l, 'Add', [a, b]);
        return [elementWise(l, 'Mul', [sum, scalarLike(l, 0.5, sum)])];
      }
      default:
        throw unsupportedSetting(call, `merge_mode = ${JSON.stringify(mode)}`, 'concat, sum, mul, ave, null');
    }
  }
};

/** The steps from last to first. */
function reversed({ l }: LayerCall, x: LayoutValue): LayoutValue {
  if (sizeOf(x.shape) === 0) return x;
  return slice(l, x, [{ axis: 1, start: -1, end: -Infinity, step: -1 }]);
}

function withGoBackwards(config: Fields, goBackwards: boolean): Fields {
  const object: Record<string, JsonObject[string]> = {};
  for (const key of config.keys()) object[key] = config.raw(key) ?? null;
  return new Fields({ ...object, go_backwards: goBackwards }, config.where, config.place);
}
