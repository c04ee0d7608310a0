import { slice, squeeze } from '../../layout/along-axes.ts';
import type { LayoutBuilder, LayoutValue } from '../../layout/layout-builder.ts';
import { weight, type LayerCall } from '../layer-call.ts';
import { linear } from '../rules/dense.ts';

/** What a step gives. */
export interface CellStep {
  readonly output: LayoutValue;
  readonly states: readonly LayoutValue[];
}

/** One step of a recurrent layer. */
export interface Cell {
  /** Shapes of the states for input steps of a shape [rows, ...]. */
  stateShapes(step: readonly number[]): readonly (readonly number[])[];
  /** What can be done with all steps at once: x [rows, steps, ...] becomes what `step` reads slices of. */
  prepare(x: LayoutValue): LayoutValue;
  /** The next states, from a slice of what was prepared, [rows, ...], and the states before. */
  step(x: LayoutValue, states: readonly LayoutValue[]): CellStep;
}

/** x W + b for all gates of all steps. */
export function inputProjection(call: LayerCall, x: LayoutValue, bias: LayoutValue | undefined): LayoutValue {
  return linear(call, call.l.value(call.l.asWritten(x)), weight(call, 'kernel', 2), bias);
}

/** The part of a vector [rows, gates * units] that belongs to each gate. */
export function gatesOf(l: LayoutBuilder, x: LayoutValue, gates: number): LayoutValue[] {
  const width = (x.shape.at(-1) as number) / gates;
  return Array.from({ length: gates }, (_, k) =>
    slice(l, x, [{ axis: x.shape.length - 1, start: k * width, end: (k + 1) * width }]),
  );
}

/** Columns [from, to) of gates of a weight [in, gates * units], as a constant. */
export function gateColumns(call: LayerCall, w: LayoutValue, gates: number, from: number, to: number): LayoutValue {
  const width = (w.shape[1] as number) / gates;
  return slice(call.l, w, [{ axis: 1, start: from * width, end: to * width }]);
}

/** Step t of [rows, steps, ...], without its axis. */
export function stepOf(l: LayoutBuilder, x: LayoutValue, t: number): LayoutValue {
  return squeeze(l, slice(l, x, [{ axis: 1, start: t, end: t + 1 }]), [1]);
}
