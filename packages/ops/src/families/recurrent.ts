import { argumentError, PathwiseError, shapeError, toFloat64, type Shape } from '@pathwise/model';
import type { AttrSpec, OpDef, OpExample, Value } from '@pathwise/graph';
import type { OpBuilder } from '../builder.ts';
import { constantInts } from '../constants.ts';
import { defineOp } from '../define-op.ts';
import { never } from '../linearity.ts';
import { addProduct } from './matrix-product.ts';
import { activationsOf, type Activation } from './recurrent-activation.ts';

export type RecurrentAttrs = {
  activation_alpha?: readonly number[];
  activation_beta?: readonly number[];
  activations?: readonly string[];
  direction: 'forward' | 'reverse' | 'bidirectional';
  hidden_size?: number;
  layout: number;
};

/** What one step of a cell works on: numbers of one sequence, or names of tensors [n, ...]. h: state, c: LSTM's cell. */
export interface StepValues<T> {
  /** W x + Wb of this step: gates one after the other. */
  readonly x: T;
  readonly h: T;
  readonly c: T;
  /** Recurrent weights of this direction, [gates * hidden, hidden], and their bias (null: none). */
  readonly r: T;
  readonly rb: T | null;
  /** LSTM's peepholes [3 * hidden] (null: none). */
  readonly p: T | null;
  readonly hidden: number;
  readonly activations: readonly Activation[];
}

export interface RecurrentCell<A extends RecurrentAttrs> {
  readonly name: string;
  readonly code: number;
  readonly gates: number;
  /** LSTM has a cell state and peepholes besides. */
  readonly hasCell?: boolean;
  readonly attrs?: Readonly<Record<string, AttrSpec>>;
  readonly activations: readonly string[];
  /** Replaces the contents of h and c. */
  readonly step: (values: StepValues<Float64Array>, attrs: A) => void;
  readonly emit: (b: OpBuilder, values: StepValues<string>, attrs: A) => { h: string; c: string };
  readonly examples: readonly OpExample<A>[];
}

/** A recurrent layer over sequences [t, n, features], or [n, t, features] with layout 1. */
export function recurrent<A extends RecurrentAttrs>(cell: RecurrentCell<A>): OpDef {
  const state = cell.hasCell
    ? (['differentiable', 'differentiable', 'differentiable'] as const)
    : (['differentiable'] as const);
  return defineOp<A>({
    name: cell.name,
    code: cell.code,
    inputs: ['differentiable', 'differentiable', 'differentiable', 'differentiable', 'index', ...state],
    required: 3,
    maxOutputs: cell.hasCell ? 3 : 2,
    attrs: {
      activation_alpha: { type: 'floats' },
      activation_beta: { type: 'floats' },
      activations: { type: 'strings' },
      direction: { type: 'string', default: 'forward', oneOf: ['forward', 'reverse', 'bidirectional'] },
      hidden_size: { type: 'int' },
      layout: { type: 'int', default: 0 },
      ...cell.attrs,
    },
    relevance: 'recurrent',
    affine: never,
    piecewiseLinear: never,
    kinks: false,
    infer([x, w, r, , lengths], attrs, outputs) {
      const s = sizesOf(cell, x!.shape, w!.shape, r!.shape, attrs);
      lengthOf(lengths ? constantInts(lengths, 'sequence_lens') : [], s);
      activationSets(cell, attrs, s.directions);
      const y = attrs.layout ? [s.batch, s.steps, s.directions, s.hidden] : [s.steps, s.directions, s.batch, s.hidden];
      const last = stateShape(s, attrs.layout);
      return [y, last, last].slice(0, outputs).map((shape) => ({ dtype: x!.dtype, shape }));
    },
    forward: (inputs, attrs, types) => run(cell, inputs, attrs).slice(0, types.length),
    lower: (b, { inputs, attrs }) => unroll(cell, b, inputs, attrs),
    examples: cell.examples,
  });
}

interface Sizes {
  readonly steps: number;
  readonly batch: number;
  readonly features: number;
  readonly hidden: number;
  readonly directions: number;
}

function sizesOf<A extends RecurrentAttrs>(cell: RecurrentCell<A>, x: Shape, w: Shape, r: Shape, attrs: A): Sizes {
  if (x.length !== 3) throw shapeError(cell.name, 'X', attrs.layout ? '[n, t, features]' : '[t, n, features]', x);
  const [steps, batch] = attrs.layout ? [x[1], x[0]] : [x[0], x[1]];
  const directions = attrs.direction === 'bidirectional' ? 2 : 1;
  const hidden = attrs.hidden_size ?? r[2];
  const rows = cell.gates * hidden;
  if (r.join() !== [directions, rows, hidden].join()) {
    throw shapeError(cell.name, 'R', `[${directions},${rows},${hidden}]`, r);
  }
  if (w.join() !== [directions, rows, x[2]].join()) {
    throw shapeError(cell.name, 'W', `[${directions},${rows},${x[2]}]`, w);
  }
  return { steps, batch, features: x[2], hidden, directions };
}

function stateShape({ batch, directions, hidden }: Sizes, layout: number): number[] {
  return layout ? [batch, directions, hidden] : [directions, batch, hidden];
}

/** The one length of all sequences; without `lengths` that of x. */
function lengthOf(lengths: readonly number[], { steps, batch }: Sizes): number {
  if (lengths.length === 0) return steps;
  if (lengths.length !== batch || lengths.some((length) => length < 1 || length > steps)) {
    throw argumentError('recurrent', 'sequence_lens', `${batch} numbers in [1, ${steps}]`, lengths);
  }
  if (lengths.some((length) => length !== lengths[0])) {
    throw new PathwiseError('UNSUPPORTED_OP', 'sequences of different lengths in one batch are not supported');
  }
  return lengths[0];
}

/** The activations of each direction. */
function activationSets<A extends RecurrentAttrs>(
  cell: RecurrentCell<A>,
  attrs: A,
  directions: number,
): Activation[][] {
  const count = cell.activations.length;
  const names = attrs.activations ?? Array.from({ length: directions }, () => cell.activations).flat();
  if (names.length !== count * directions) {
    throw argumentError(cell.name, 'activations', `${count * directions} names`, names);
  }
  const all = activationsOf(names, attrs.activation_alpha ?? [], attrs.activation_beta ?? []);
  return Array.from({ length: directions }, (_, d) => all.slice(d * count, (d + 1) * count));
}

/** Whether direction d runs from the last step to the first. */
function runsBackward({ direction }: RecurrentAttrs, d: number): boolean {
  return direction === 'reverse' || d === 1;
}

function run<A extends RecurrentAttrs>(
  cell: RecurrentCell<A>,
  inputs: readonly (Value | null)[],
  attrs: A,
): Float64Array[] {
  const [x, w, r, bias, lengths, h0, c0, peepholes] = inputs;
  const s = sizesOf(cell, x!.shape, w!.shape, r!.shape, attrs);
  const { steps, batch, features, hidden, directions } = s;
  const length = lengthOf(lengths ? Array.from(lengths.data) : [], s);
  const sets = activationSets(cell, attrs, directions);
  const rows = cell.gates * hidden;
  const y = new Float64Array(steps * directions * batch * hidden);
  const lastH = new Float64Array(directions * batch * hidden);
  const lastC = new Float64Array(directions * batch * hidden);
  for (let d = 0; d < directions; d++) {
    const part = (value: Value | null | undefined, at: number, size: number): Float64Array | null =>
      value ? value.data.subarray(at, at + size) : null;
    const wb = part(bias, 2 * d * rows, rows);
    for (let n = 0; n < batch; n++) {
      const xs = new Float64Array(length * rows);
      if (wb !== null) for (let t = 0; t < length; t++) xs.set(wb, t * rows);
      addProduct(
        length,
        rows,
        features,
        {
          data: x!.data,
          offset: (attrs.layout ? n * steps : n) * features,
          rowStride: (attrs.layout ? 1 : batch) * features,
          columnStride: 1,
        },
        { data: w!.data, offset: d * rows * features, rowStride: 1, columnStride: features },
        { data: xs, offset: 0, rowStride: rows, columnStride: 1 },
      );
      const at = (attrs.layout ? n * directions + d : d * batch + n) * hidden;
      const h = lastH.subarray(at, at + hidden);
      const c = lastC.subarray(at, at + hidden);
      h.set(part(h0, at, hidden) ?? []);
      c.set(part(c0, at, hidden) ?? []);
      const fixed = {
        h,
        c,
        r: r!.data.subarray(d * rows * hidden, (d + 1) * rows * hidden),
        rb: part(bias, (2 * d + 1) * rows, rows),
        p: part(peepholes, 3 * d * hidden, 3 * hidden),
        hidden,
        activations: sets[d],
      };
      for (let k = 0; k < length; k++) {
        const t = runsBackward(attrs, d) ? length - 1 - k : k;
        cell.step({ ...fixed, x: xs.subarray(t * rows, (t + 1) * rows) }, attrs);
        y.set(h, (attrs.layout ? (n * steps + t) * directions + d : (t * directions + d) * batch + n) * hidden);
      }
    }
  }
  return [y, lastH, lastC];
}

function unroll<A extends RecurrentAttrs>(
  cell: RecurrentCell<A>,
  b: OpBuilder,
  inputs: readonly string[],
  attrs: A,
): string[] {
  const [x, w, r, bias, lengths, h0, c0, peepholes] = inputs;
  const s = sizesOf(cell, b.shape(x), b.shape(w), b.shape(r), attrs);
  const { steps, batch, features, hidden, directions } = s;
  const length = lengthOf(lengths ? Array.from(toFloat64(b.constantOf(lengths)!.data)) : [], s);
  const sets = activationSets(cell, attrs, directions);
  const rows = cell.gates * hidden;
  const timeAxis = attrs.layout ? 1 : 0;
  const sequence = attrs.layout ? b.transpose(x, [1, 0, 2]) : x;
  const used = length === steps ? sequence : b.slice(sequence, [0], [length], [0]);
  const part = (ref: string | undefined, d: number, axis: number, shape: Shape): string | null =>
    ref ? b.reshape(directions === 1 ? ref : b.slice(ref, [d], [d + 1], [axis]), shape) : null;
  const ys: string[] = [];
  const lastH: string[] = [];
  const lastC: string[] = [];
  for (let d = 0; d < directions; d++) {
    const biases = part(bias, d, 0, [2 * rows]);
    const wb = biases && b.slice(biases, [0], [rows], [0]);
    const weights = b.transpose(part(w, d, 0, [rows, features])!, [1, 0]);
    const all = b.matmul(b.reshape(used, [length * batch, features]), weights);
    const xs = splitSteps(b, b.reshape(wb === null ? all : b.add(all, wb), [length, batch, rows]));
    const initial = (ref: string | undefined): string =>
      part(ref, d, attrs.layout ? 1 : 0, [batch, hidden]) ?? b.zeros([batch, hidden], x);
    let state = { h: initial(h0), c: cell.hasCell ? initial(c0) : '' };
    const fixed = {
      r: part(r, d, 0, [rows, hidden])!,
      rb: biases && b.slice(biases, [rows], [2 * rows], [0]),
      p: part(peepholes, d, 0, [3 * hidden]),
      hidden,
      activations: sets[d],
    };
    const hs = new Array<string>(length);
    for (let k = 0; k < length; k++) {
      const t = runsBackward(attrs, d) ? length - 1 - k : k;
      state = cell.emit(b, { ...fixed, ...state, x: b.reshape(xs[t], [batch, rows]) }, attrs);
      hs[t] = state.h;
    }
    const slot = attrs.layout ? [batch, 1, 1, hidden] : [1, 1, batch, hidden];
    const joined = b.concat(
      hs.map((h) => b.reshape(h, slot)),
      timeAxis,
    );
    const missing = new Array<number>(8).fill(0).with(4 + timeAxis, steps - length);
    ys.push(b.pad(joined, missing));
    const last = attrs.layout ? [batch, 1, hidden] : [1, batch, hidden];
    lastH.push(b.reshape(state.h, last));
    if (cell.hasCell) lastC.push(b.reshape(state.c, last));
  }
  const join = (parts: string[], axis: number): string => (parts.length === 1 ? parts[0] : b.concat(parts, axis));
  const outputs = [join(ys, attrs.layout ? 2 : 1), join(lastH, timeAxis)];
  return cell.hasCell ? [...outputs, join(lastC, timeAxis)] : outputs;
}

/** The slices of size 1 along the first axis. */
function splitSteps(b: OpBuilder, x: string): string[] {
  const count = b.shape(x)[0];
  return splitEvenly(b, x, count, 0);
}

/** Equal parts along an axis. */
export function splitEvenly(b: OpBuilder, x: string, count: number, axis: number): string[] {
  if (count === 1) return [x];
  const outputs = Array.from({ length: count }, () => b.freshName('Split'));
  return b.apply('Split', [x], { axis, num_outputs: count }, { outputs });
}

/** out += r[first row, first row + out.length) h */
export function addRecurrent(out: Float64Array, r: Float64Array, h: Float64Array, firstRow = 0): void {
  const hidden = h.length;
  addProduct(
    1,
    out.length,
    hidden,
    { data: h, offset: 0, rowStride: hidden, columnStride: 1 },
    { data: r, offset: firstRow * hidden, rowStride: 1, columnStride: hidden },
    { data: out, offset: 0, rowStride: out.length, columnStride: 1 },
  );
}

/** Emits r h + rb for h [n, hidden] and all gates. */
export function emitRecurrent(b: OpBuilder, r: string, rb: string | null, h: string): string {
  const product = b.matmul(h, b.transpose(r, [1, 0]));
  return rb === null ? product : b.add(product, rb);
}
