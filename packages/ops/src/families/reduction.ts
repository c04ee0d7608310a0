import { int64, sizeOf, stridesOf, toFloat64, type Shape } from '@pathwise/model';
import type { Linearity, NodeRefs, OpDef, OpExample, OperandInfo, RelevanceClass, Value } from '@pathwise/graph';
import { normalizeAxes } from '../axes.ts';
import { stridedIndex } from '../broadcast.ts';
import type { OpBuilder } from '../builder.ts';
import { constantInts } from '../constants.ts';
import { defineOp } from '../define-op.ts';
import { never } from '../linearity.ts';

export type ReductionAttrs = { keepdims: number; noop_with_empty_axes: number };

/** What a reduction's gradient rule may use: `y` and `dy` have the rank of `x`, with size 1 along `axes`. */
export interface ReductionRefs {
  readonly x: string;
  readonly y: string;
  readonly dy: string;
  readonly axes: readonly number[];
  /** Number of elements that become one. */
  readonly count: number;
}

export interface Reduction {
  readonly name: string;
  readonly code: number;
  /** Reduces the elements data[base + offsets[k]], in scan order. */
  readonly reduce: (data: Float64Array, base: number, offsets: Uint32Array) => number;
  /** Emits a tensor that broadcasts to the cotangent of x. */
  readonly gradient: (b: OpBuilder, refs: ReductionRefs) => string;
  /** Emits the reduction as element-wise ops around a sum, `sum(t)`. */
  readonly lower?: (b: OpBuilder, x: string, sum: (t: string) => string) => string;
  readonly affine?: Linearity;
  readonly piecewiseLinear?: Linearity;
  readonly kinks?: boolean;
  /** Of the elements of one group moving from a to b, as for {@link OpDef.crossings}. */
  readonly crossings?: (a: Float64Array, b: Float64Array) => number[];
  readonly relevance: RelevanceClass;
  readonly domain?: readonly [number, number];
}

const EXAMPLES: readonly OpExample<ReductionAttrs>[] = [
  { name: 'last axis', inputs: [[2, 3], int64([1], [-1])] },
  { name: 'first and last axis, not kept', attrs: { keepdims: 0 }, inputs: [[2, 3, 4], int64([2], [-1, 0])] },
  { name: 'inner axis', inputs: [[2, 3, 4], int64([1], [1])] },
  { name: 'all axes by default', inputs: [[2, 3]] },
  { name: 'all axes to a scalar', attrs: { keepdims: 0 }, inputs: [[2, 3], int64([0], [])] },
  { name: 'no axes on request', attrs: { noop_with_empty_axes: 1 }, inputs: [[2, 3]] },
  { name: 'axis of size 1', attrs: { keepdims: 0 }, inputs: [[2, 1, 3], int64([1], [1])] },
];

/** An op that makes one element of each group of elements along some axes. */
export function reduction(op: Reduction): OpDef {
  const affine = op.affine ?? never;
  return defineOp<ReductionAttrs>({
    name: op.name,
    code: op.code,
    inputs: ['differentiable', 'index'],
    required: 1,
    attrs: { keepdims: { type: 'int', default: 1 }, noop_with_empty_axes: { type: 'int', default: 0 } },
    relevance: op.relevance,
    affine,
    piecewiseLinear: op.piecewiseLinear ?? affine,
    kinks: op.kinks ?? false,
    infer([x, axesInput], attrs) {
      const axes = reducedAxes(x!.shape.length, axesInput ? constantInts(axesInput, 'axes') : [], attrs);
      return [{ dtype: x!.dtype, shape: reducedShape(x!.shape, axes, attrs.keepdims === 1) }];
    },
    forward([x, axesInput], attrs, [type]) {
      const { bases, offsets } = groups(x!, reducedAxes(x!.shape.length, axesOf(axesInput), attrs));
      const out = new Float64Array(sizeOf(type.shape));
      for (let i = 0; i < out.length; i++) out[i] = op.reduce(x!.data, bases[i], offsets);
      return [out];
    },
    vjp(b, { inputs, outputs, attrs }, [dy]) {
      const x = inputs[0];
      const shape = b.shape(x);
      const axes = axesOfNode(b, inputs, attrs);
      const kept = reducedShape(shape, axes, true);
      const count = sizeOf(axes.map((axis) => shape[axis]));
      const y = b.reshape(outputs[0], kept);
      return [b.expand(op.gradient(b, { x, y, dy: b.reshape(dy!, kept), axes, count }), shape)];
    },
    ...(op.lower && {
      lower: (b: OpBuilder, { inputs: [x, axes = ''], attrs }: NodeRefs<ReductionAttrs>) => [
        op.lower!(b, x, (t) => b.emit('ReduceSum', [t, axes], attrs)),
      ],
    }),
    ...(op.crossings && {
      crossings([a, axesInput], [b], attrs) {
        const { bases, offsets } = groups(a!, reducedAxes(a!.shape.length, axesOf(axesInput), attrs as ReductionAttrs));
        const from = new Float64Array(offsets.length);
        const to = new Float64Array(offsets.length);
        const places: number[] = [];
        for (const base of bases) {
          for (let k = 0; k < offsets.length; k++) {
            from[k] = a!.data[base + offsets[k]];
            to[k] = b!.data[base + offsets[k]];
          }
          places.push(...op.crossings!(from, to));
        }
        return places;
      },
    }),
    examples: op.domain === undefined ? EXAMPLES : EXAMPLES.map((example) => ({ ...example, domain: op.domain! })),
  });
}

/** No axes mean all, or none with `noop_with_empty_axes`. */
function reducedAxes(rank: number, axes: readonly number[], attrs: ReductionAttrs): number[] {
  if (axes.length > 0) return normalizeAxes(axes, rank);
  return attrs.noop_with_empty_axes === 1 ? [] : Array.from({ length: rank }, (_, axis) => axis);
}

/** The axes that a node reduces, ascending. */
export function axesOfNode(b: OpBuilder, [x, axes = '']: readonly string[], attrs: ReductionAttrs): number[] {
  const constant = axes === '' ? undefined : b.constantOf(axes);
  return reducedAxes(b.shape(x!).length, constant ? Array.from(toFloat64(constant.data)) : [], attrs);
}

function axesOf(axes: Value | null | undefined): number[] {
  return axes ? Array.from(axes.data) : [];
}

/** `shape` after reduction over `axes` (normalized). */
export function reducedShape(shape: Shape, axes: readonly number[], keepdims: boolean): number[] {
  return keepdims
    ? shape.map((d, axis) => (axes.includes(axis) ? 1 : d))
    : shape.filter((_, axis) => !axes.includes(axis));
}

/** Where each group starts, in the order of the results, and where its elements lie from there, in scan order. */
export function groups(
  { shape }: Pick<OperandInfo, 'shape'>,
  axes: readonly number[],
): { bases: Uint32Array; offsets: Uint32Array } {
  const strides = stridesOf(shape);
  const kept = shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const index = (chosen: readonly number[]): Uint32Array =>
    stridedIndex(
      chosen.map((axis) => shape[axis]),
      chosen.map((axis) => strides[axis]),
    );
  return { bases: index(kept), offsets: index(axes) };
}
