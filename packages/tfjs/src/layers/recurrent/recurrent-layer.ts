import { concat, expandDims, slice } from '../../layout/along-axes.ts';
import { elementWise } from '../../layout/element-wise.ts';
import type { LayoutBuilder, LayoutValue } from '../../layout/layout-builder.ts';
import { filled } from '../filled.ts';
import { badCall, badShape, unsupportedSetting, type LayerCall, type LayerRule } from '../layer-call.ts';
import { alongside } from '../mask.ts';
import { cellOf } from './cells.ts';
import { stepOf, type Cell } from './cell.ts';

/** SimpleRNN, LSTM, GRU, ConvLSTM2D and RNN(cell), step by step. */
export const recurrent: LayerRule = (call) => {
  const { l, config } = call;
  for (const key of ['stateful', 'time_major']) {
    if (config.boolean(key, false)) throw unsupportedSetting(call, `${key} = true`, 'false');
  }
  const [x] = call.inputs;
  const cell = cellOf(call);
  if (x === undefined || x.shape.length < 3) throw badShape(call, 'an input [batch,steps,...]', x?.shape ?? []);
  const mask = call.masks[0] ?? null;
  const run = unrolled(call, cell, x, mask, initialStates(call, cell, x));
  const outputs: LayoutValue[] = [];
  const isSequence = config.boolean('return_sequences', false);
  outputs.push(isSequence ? joined(l, run.outputs) : (run.outputs.at(-1) as LayoutValue));
  if (config.boolean('return_state', false)) outputs.push(...run.states);
  return { outputs, mask: isSequence ? mask : null };
};

/** The outputs of all steps in the order in which they were computed, and the last states. */
function unrolled(
  call: LayerCall,
  cell: Cell,
  x: LayoutValue,
  mask: LayoutValue | null,
  initial: readonly LayoutValue[],
): { outputs: LayoutValue[]; states: readonly LayoutValue[] } {
  const { l, config, writer } = call;
  const steps = x.shape[1] as number;
  const prepared = cell.prepare(x);
  const isBackward = config.boolean('go_backwards', false);
  const zeroes = config.boolean('zero_output_for_mask', false);
  const outputs: LayoutValue[] = [];
  let states = initial;
  for (let k = 0; k < steps; k++) {
    const t = isBackward ? steps - 1 - k : k;
    const result = cell.step(stepOf(l, prepared, t), states);
    if (mask === null) {
      outputs.push(result.output);
      states = result.states;
      continue;
    }
    const counts = slice(l, mask, [{ axis: 1, start: t, end: t + 1 }]);
    const select = (a: LayoutValue, b: LayoutValue): LayoutValue =>
      elementWise(l, 'Where', [alongside(l, counts, a.shape.length), a, b]);
    // Before the first step that counts Keras gives zeros, TensorFlow.js the initial state.
    const before = outputs.at(-1) ?? (writer === 'tfjs' ? states[0] : undefined) ?? filled(l, result.output.shape, 0);
    outputs.push(select(result.output, zeroes ? filled(l, result.output.shape, 0) : before));
    states = result.states.map((state, i) => select(state, states[i] as LayoutValue));
  }
  if (outputs.length === 0) throw badShape(call, 'at least one step', x.shape);
  return { outputs, states };
}

/** States to begin with: further inputs, or the argument initial_state; zeros otherwise. */
function initialStates(call: LayerCall, cell: Cell, x: LayoutValue): readonly LayoutValue[] {
  const shapes = cell.stateShapes([x.shape[0] as number, ...x.shape.slice(2)]);
  const keyword = call.keywords.get('initial_state');
  const given = isLayoutValues(keyword) ? keyword : call.inputs.slice(1);
  if (given.length === 0) {
    return shapes.map((shape) => filled(call.l, shape, 0));
  }
  if (given.length !== shapes.length) throw badCall(call, `${shapes.length} initial states, got ${given.length}`);
  return given;
}

export function isLayoutValues(value: unknown): value is readonly LayoutValue[] {
  return Array.isArray(value) && value.every((part) => typeof part === 'object' && part !== null && 'layout' in part);
}

/** Outputs of steps [rows, ...] as [rows, steps, ...]. */
function joined(l: LayoutBuilder, outputs: readonly LayoutValue[]): LayoutValue {
  return concat(
    l,
    outputs.map((output) => expandDims(l, l.value(l.asWritten(output)), 1)),
    1,
  );
}
