import type { LayoutValue } from '../../layout/layout-builder.ts';
import { reshape, slice } from '../../layout/along-axes.ts';
import { elementWise, scalarLike } from '../../layout/element-wise.ts';
import { activationOf } from '../activation.ts';
import { badShape, weight, type LayerCall } from '../layer-call.ts';
import { linear } from '../rules/dense.ts';
import { gateColumns, gatesOf, inputProjection, type Cell } from './cell.ts';

/** h' = activation(x W + b + h U) */
export function simpleRnnCell(call: LayerCall): Cell {
  const { l } = call;
  const { recurrent, units, bias } = weightsOf(call, 1);
  const activate = activationOf(call, 'activation', 'tanh');
  return {
    stateShapes: ([rows = 1]) => [[rows, units]],
    prepare: (x) => inputProjection(call, x, bias),
    step(x, [h]) {
      const output = activate(elementWise(l, 'Add', [x, linear(call, h as LayoutValue, recurrent, undefined)]));
      return { output, states: [output] };
    },
  };
}

/** Gates i, f, c, o: c' = f * c + i * activation(c), h' = o * activation(c'). */
export function lstmCell(call: LayerCall): Cell {
  const { l } = call;
  const { recurrent, units, bias } = weightsOf(call, 4);
  const activate = activationOf(call, 'activation', 'tanh');
  const gate = activationOf(call, 'recurrent_activation', 'sigmoid');
  return {
    stateShapes: ([rows = 1]) => [
      [rows, units],
      [rows, units],
    ],
    prepare: (x) => inputProjection(call, x, bias),
    step(x, [h, c]) {
      const all = elementWise(l, 'Add', [x, linear(call, h as LayoutValue, recurrent, undefined)]);
      const [i, f, fresh, o] = gatesOf(l, all, 4) as [LayoutValue, LayoutValue, LayoutValue, LayoutValue];
      const kept = elementWise(l, 'Mul', [gate(f), c as LayoutValue]);
      const carry = elementWise(l, 'Add', [kept, elementWise(l, 'Mul', [gate(i), activate(fresh)])]);
      const output = elementWise(l, 'Mul', [gate(o), activate(carry)]);
      return { output, states: [output, carry] };
    },
  };
}

/**
 * Gates z, r, h: h' = z * h + (1 - z) * n with n = activation(x Wh + (r * h) Uh + b), or with reset_after
 * n = activation(x Wh + b0 + r * (h Uh + b1)).
 */
export function gruCell(call: LayerCall): Cell {
  const { l } = call;
  const resetAfter = call.config.boolean('reset_after', call.writer !== 'tfjs');
  const { recurrent, units, bias, recurrentBias } = weightsOf(call, 3, resetAfter);
  const activate = activationOf(call, 'activation', 'tanh');
  const gate = activationOf(call, 'recurrent_activation', 'sigmoid');
  const [forGates, forFresh] = [gateColumns(call, recurrent, 3, 0, 2), gateColumns(call, recurrent, 3, 2, 3)];
  const biasPart = (from: number, to: number): LayoutValue | undefined =>
    recurrentBias && slice(l, recurrentBias, [{ axis: 0, start: from * units, end: to * units }]);
  return {
    stateShapes: ([rows = 1]) => [[rows, units]],
    prepare: (x) => inputProjection(call, x, bias),
    step(x, [state]) {
      const h = state as LayoutValue;
      const [xz, xr, xn] = gatesOf(l, x, 3) as [LayoutValue, LayoutValue, LayoutValue];
      const [hz, hr] = gatesOf(l, linear(call, h, forGates, biasPart(0, 2)), 2) as [LayoutValue, LayoutValue];
      const z = gate(elementWise(l, 'Add', [xz, hz]));
      const r = gate(elementWise(l, 'Add', [xr, hr]));
      const inner = resetAfter
        ? elementWise(l, 'Mul', [r, linear(call, h, forFresh, biasPart(2, 3))])
        : linear(call, elementWise(l, 'Mul', [r, h]), forFresh, undefined);
      const n = activate(elementWise(l, 'Add', [xn, inner]));
      const rest = elementWise(l, 'Sub', [scalarLike(l, 1, z), z]);
      const output = elementWise(l, 'Add', [elementWise(l, 'Mul', [z, h]), elementWise(l, 'Mul', [rest, n])]);
      return { output, states: [output] };
    },
  };
}

interface CellWeights {
  /** [units, gates * units] */
  readonly recurrent: LayoutValue;
  readonly units: number;
  /** [gates * units] */
  readonly bias: LayoutValue | undefined;
  readonly recurrentBias: LayoutValue | undefined;
}

/** The weights of a cell; the bias of a GRU with reset_after has two rows, input and recurrent. */
function weightsOf(call: LayerCall, gates: number, twoRows = false): CellWeights {
  const recurrent = weight(call, 'recurrent_kernel', 2);
  const units = recurrent.shape[0] as number;
  if (recurrent.shape[1] !== gates * units)
    throw badShape(call, `a recurrent kernel [units,${gates} units]`, recurrent.shape);
  if (!call.config.boolean('use_bias', true)) return { recurrent, units, bias: undefined, recurrentBias: undefined };
  const bias = weight(call, 'bias');
  const { l } = call;
  if (!twoRows) {
    if (bias.shape.join() !== String(gates * units)) throw badShape(call, `a bias [${gates * units}]`, bias.shape);
    return { recurrent, units, bias, recurrentBias: undefined };
  }
  // Files of the cuDNN layers hold both rows one after the other.
  if (bias.shape.reduce((a, b) => a * b, 1) !== 2 * gates * units) {
    throw badShape(call, `a bias [2,${gates * units}]`, bias.shape);
  }
  const rows = reshape(l, bias, [2 * gates * units]);
  const row = (k: number): LayoutValue =>
    slice(l, rows, [{ axis: 0, start: k * gates * units, end: (k + 1) * gates * units }]);
  return { recurrent, units, bias: row(0), recurrentBias: row(1) };
}
