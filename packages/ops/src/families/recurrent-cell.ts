import { argumentError, PathwiseError, shapeError, type Shape } from '@pathwise/model';
import type { AttrSpec, OpExample } from '@pathwise/graph';
import type { OpBuilder } from '../builder.ts';
import { activationsOf, type Activation } from './recurrent-activation.ts';

export type RecurrentAttrs = {
  activation_alpha?: readonly number[];
  activation_beta?: readonly number[];
  activations?: readonly string[];
  direction: 'forward' | 'reverse' | 'bidirectional';
  hidden_size?: number;
  layout: number;
};

/** What one step of a cell works on, for one sequence. h: state, c: the cell state of LSTM; both are replaced in place. */
export interface StepValues {
  /** W x + Wb of this step: gates one after the other. */
  readonly x: Float64Array;
  readonly h: Float64Array;
  readonly c: Float64Array;
  /** Recurrent weights, [gates * hidden, hidden], and their bias (null: none). */
  readonly r: Float64Array;
  readonly rb: Float64Array | null;
  /** Peepholes of LSTM [3 * hidden] (null: none). */
  readonly p: Float64Array | null;
  readonly hidden: number;
  readonly activations: readonly Activation[];
}

/** The same as names of tensors [n, ...]. */
export interface StepRefs {
  readonly x: string;
  readonly h: string;
  readonly c: string;
  /** Emits R h + Rb for `count` gates from `first` on: [n, count * hidden]. */
  readonly recurrent: (h: string, first: number, count: number) => string;
  /** The peephole of a gate (null: none). */
  readonly peephole: (gate: number) => string | null;
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
  readonly step: (values: StepValues, attrs: A) => void;
  /** Emits a step: the next states. */
  readonly emit: (b: OpBuilder, refs: StepRefs, attrs: A) => { h: string; c: string };
  readonly examples: readonly OpExample<A>[];
}

/** Sizes of a layer: sequences of `steps` elements of `features` numbers. */
export interface RecurrentSizes {
  readonly steps: number;
  readonly batch: number;
  readonly features: number;
  readonly hidden: number;
  readonly directions: number;
}

/** @throws PathwiseError BAD_SHAPE if the weights do not fit. */
export function sizesOf<A extends RecurrentAttrs>(
  cell: RecurrentCell<A>,
  x: Shape,
  w: Shape,
  r: Shape,
  attrs: A,
): RecurrentSizes {
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

/** Shape of the last states. */
export function stateShape({ batch, directions, hidden }: RecurrentSizes, layout: number): number[] {
  return layout ? [batch, directions, hidden] : [directions, batch, hidden];
}

/** The one length of all sequences; without `lengths` that of x. */
export function lengthOf(lengths: readonly number[], { steps, batch }: RecurrentSizes): number {
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
export function activationSets<A extends RecurrentAttrs>(
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
export function runsBackward({ direction }: RecurrentAttrs, d: number): boolean {
  return direction === 'reverse' || d === 1;
}
