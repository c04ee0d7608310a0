import type { DType } from '@pathwise/model';
import type { Attrs, AttrSpec, Linearity, OpDef, OpExample, RelevanceClass, Value } from '@pathwise/graph';
import type { OpBuilder } from '../builder.ts';
import { defineOp } from '../define-op.ts';
import { never } from '../linearity.ts';

export interface UnaryOp<A extends Attrs> {
  readonly name: string;
  readonly code: number;
  readonly attrs?: Readonly<Record<string, AttrSpec>>;
  /** The function; attributes are fixed once per evaluation. */
  readonly f: (attrs: A) => (x: number) => number;
  /** Element type of the result; default: that of the input. */
  readonly result?: DType;
  /** Emits the input's cotangent from x, y = f(x) and dy. Absent: the gradient is zero everywhere. */
  readonly gradient?: (b: OpBuilder, refs: { x: string; y: string; dy: string }, attrs: A) => string;
  readonly affine?: Linearity;
  readonly piecewiseLinear?: Linearity;
  readonly kinks?: boolean;
  /** Inputs x at which a piecewise-linear function bends. */
  readonly bends?: (attrs: A) => readonly number[];
  readonly relevance?: RelevanceClass;
  readonly domain?: readonly [number, number];
  readonly examples?: readonly OpExample<A>[];
}

/** An element-wise op of one input. */
export function unary<A extends Attrs = Attrs>(op: UnaryOp<A>): OpDef {
  const { gradient, bends } = op;
  const affine = op.affine ?? never;
  const flat = gradient === undefined ? { flat: true } : {};
  const domain = op.domain === undefined ? {} : { domain: op.domain };
  return defineOp<A>({
    name: op.name,
    code: op.code,
    inputs: [gradient === undefined ? 'zero-gradient' : 'differentiable'],
    attrs: op.attrs ?? {},
    relevance: op.relevance ?? (gradient === undefined ? 'stop' : 'unary'),
    affine,
    piecewiseLinear: op.piecewiseLinear ?? affine,
    kinks: op.kinks ?? false,
    infer: ([x]) => [{ dtype: op.result ?? x!.dtype, shape: x!.shape }],
    forward: ([x], attrs) => [map(x!, op.f(attrs))],
    ...(gradient && {
      vjp: (b: OpBuilder, { inputs, outputs, attrs }, [dy]) => [
        gradient(b, { x: inputs[0]!, y: outputs[0]!, dy: dy! }, attrs),
      ],
    }),
    ...(bends && { crossings: ([a], [b], attrs) => levelCrossings(a!, b!, bends(attrs as A)) }),
    examples: op.examples ?? [
      { name: 'matrix', inputs: [[2, 3]], ...domain, ...flat },
      { name: 'scalar', inputs: [[]], ...domain, ...flat },
    ],
  });
}

/** f over every element. */
export function map(x: Value, f: (x: number) => number): Float64Array {
  const { data } = x;
  const out = new Float64Array(data.length);
  for (let i = 0; i < data.length; i++) out[i] = f(data[i]);
  return out;
}

/** Places t in (0, 1) where an element moving from a to b passes one of `levels`. */
export function levelCrossings(a: Value, b: Value, levels: readonly number[]): number[] {
  const places: number[] = [];
  for (let i = 0; i < a.data.length; i++) {
    const from = a.data[i];
    const to = b.data[i];
    if (from === to) continue;
    for (const level of levels) {
      const t = (level - from) / (to - from);
      if (t > 0 && t < 1) places.push(t);
    }
  }
  return places;
}
