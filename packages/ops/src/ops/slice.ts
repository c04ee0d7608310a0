import { argumentError, int64, stridesOf, type Shape } from '@pathwise/model';
import type { OpDef, OperandInfo } from '@pathwise/graph';
import { normalizeAxis } from '../axes.ts';
import { stridedIndex } from '../broadcast.ts';
import type { OpBuilder } from '../builder.ts';
import { constantInts } from '../constants.ts';
import { defineOp } from '../define-op.ts';
import { take } from '../families/movement.ts';
import { jointlyIn } from '../linearity.ts';

/** Elements start, start + step, … (count of them) of each axis. */
export interface AxisSlice {
  readonly start: number;
  readonly step: number;
  readonly count: number;
}

export const slice: OpDef = defineOp({
  name: 'Slice',
  code: 0x0608,
  inputs: ['differentiable', 'index', 'index', 'index', 'index'],
  required: 3,
  attrs: {},
  relevance: 'shape',
  affine: jointlyIn(0),
  piecewiseLinear: jointlyIn(0),
  kinks: false,
  infer([x, ...parameters]) {
    return [{ dtype: x!.dtype, shape: resolveSlices(x!.shape, readParameters(parameters)).map(({ count }) => count) }];
  },
  forward([x, ...parameters], _attrs, [type]) {
    const slices = resolveSlices(
      x!.shape,
      parameters.map((p) => (p ? Array.from(p.data) : undefined)),
    );
    const strides = stridesOf(x!.shape);
    const offset = slices.reduce((sum, { start }, axis) => sum + start * strides[axis], 0);
    return [
      take(
        x!.data,
        stridedIndex(
          type!.shape,
          slices.map(({ step }, axis) => step * strides[axis]),
          offset,
        ),
      ),
    ];
  },
  vjp(b, { inputs }, [dy]) {
    const [x, ...parameters] = inputs;
    const operands = parameters.map((ref) => (ref === '' ? null : operand(b, ref)));
    return [unslice(b, dy!, b.shape(x), resolveSlices(b.shape(x), readParameters(operands)))];
  },
  examples: [
    { name: 'two axes', inputs: [[4, 5], int64([2], [1, 0]), int64([2], [3, 2]), int64([2], [0, 1])] },
    { name: 'leading axes by default', inputs: [[4, 5], int64([1], [2]), int64([1], [1000])] },
    { name: 'negative ends and axis', inputs: [[2, 5], int64([1], [-4]), int64([1], [-1]), int64([1], [-1])] },
    { name: 'step', inputs: [[2, 7], int64([1], [1]), int64([1], [7]), int64([1], [1]), int64([1], [3])] },
    {
      name: 'step past the end',
      inputs: [[2, 7], int64([1], [1]), int64([1], [6]), int64([1], [1]), int64([1], [4])],
    },
    {
      name: 'backwards',
      inputs: [[5, 2], int64([1], [-1]), int64([1], [-1000]), int64([1], [0]), int64([1], [-1])],
    },
    {
      name: 'backwards by two and forwards',
      inputs: [[6, 4], int64([2], [4, 1]), int64([2], [0, 3]), int64([2], [0, 1]), int64([2], [-2, 1])],
    },
  ],
});

export type Parameters = readonly (readonly number[] | undefined)[];

function readParameters(operands: readonly (OperandInfo | null | undefined)[]): Parameters {
  const names = ['starts', 'ends', 'axes', 'steps'];
  return operands.map((operand, i) => (operand ? constantInts(operand, names[i]) : undefined));
}

function operand(b: OpBuilder, ref: string): OperandInfo {
  const value = b.constantOf(ref);
  return value === undefined ? b.type(ref) : { ...b.type(ref), value };
}

/** Clamps as NumPy and ONNX do; an axis that is not listed is kept whole. */
export function resolveSlices(shape: Shape, [starts = [], ends = [], axesGiven, stepsGiven]: Parameters): AxisSlice[] {
  const axes = (axesGiven ?? starts.map((_, i) => i)).map((axis) => normalizeAxis(axis, shape.length));
  const steps = stepsGiven ?? starts.map(() => 1);
  if (ends.length !== starts.length || axes.length !== starts.length || steps.length !== starts.length) {
    throw argumentError(
      'slice',
      'starts, ends, axes, steps',
      'equal lengths',
      [starts, ends, axes, steps].map((v) => v.length),
    );
  }
  const slices: AxisSlice[] = shape.map((size) => ({ start: 0, step: 1, count: size }));
  for (const [i, axis] of axes.entries()) {
    const step = steps[i];
    if (step === 0) throw argumentError('slice', 'steps', 'steps other than 0', steps);
    const size = shape[axis];
    const [low, high] = step > 0 ? [0, size] : [-1, size - 1];
    const clamp = (v: number): number => Math.min(Math.max(v < 0 ? v + size : v, low), high);
    const start = clamp(starts[i]);
    const count = Math.max(0, Math.ceil((clamp(ends[i]) - start) / step));
    slices[axis] = { start: count === 0 ? 0 : start, step, count };
  }
  return slices;
}

/** Puts a slice back to its place among zeros: reverse, spread by inserting zeros, pad. */
function unslice(b: OpBuilder, dy: string, shape: Shape, slices: readonly AxisSlice[]): string {
  const backward = slices.map((_, axis) => axis).filter((axis) => slices[axis].step < 0 && slices[axis].count > 1);
  const reversed =
    backward.length === 0
      ? dy
      : b.slice(
          dy,
          backward.map(() => -1),
          backward.map(() => -Number.MAX_SAFE_INTEGER),
          backward,
          backward.map(() => -1),
        );
  let spread = reversed;
  const before: number[] = [];
  const after: number[] = [];
  for (const [axis, { start, step, count }] of slices.entries()) {
    const stride = count > 1 ? Math.abs(step) : 1;
    const first = step < 0 && count > 1 ? start + (count - 1) * step : start;
    if (stride > 1) spread = insertZeros(b, spread, axis, stride);
    before.push(first);
    after.push(shape[axis] - first - count * stride);
  }
  return b.pad(spread, [...before, ...after]);
}

/** Each element along `axis` is followed by stride - 1 zeros. */
function insertZeros(b: OpBuilder, x: string, axis: number, stride: number): string {
  const shape = b.shape(x);
  const column = b.reshape(x, shape.toSpliced(axis + 1, 0, 1));
  const pads = new Array<number>(2 * (shape.length + 1)).fill(0);
  pads[shape.length + 1 + axis + 1] = stride - 1;
  return b.reshape(b.pad(column, pads), shape.with(axis, shape[axis] * stride));
}
