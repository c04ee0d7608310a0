import { int64, type Tensor } from '@pathwise/model';
import type { OpDef, OpExample, RelevanceClass } from '@pathwise/graph';
import { aroundAxis, normalizeAxis } from '../axes.ts';
import { constantInts } from '../constants.ts';
import { defineOp, type OpRules } from '../define-op.ts';
import { jointlyIn, never } from '../linearity.ts';

export type CumulativeAttrs = { exclusive: number; reverse: number };

export interface CumulativeOp {
  readonly name: string;
  readonly code: number;
  /** Value of no elements. */
  readonly start: number;
  readonly f: (before: number, next: number) => number;
  readonly linear: boolean;
  readonly relevance: RelevanceClass;
  readonly vjp: NonNullable<OpRules<CumulativeAttrs>['vjp']>;
}

const EXAMPLES: readonly OpExample<CumulativeAttrs>[] = [
  { name: 'first axis', inputs: [[3, 2], axisOf(0)] },
  { name: 'exclusive', attrs: { exclusive: 1 }, inputs: [[2, 3, 2], axisOf(1)] },
  { name: 'reverse', attrs: { reverse: 1 }, inputs: [[2, 3], axisOf(-1)] },
  { name: 'exclusive reverse', attrs: { exclusive: 1, reverse: 1 }, inputs: [[2, 3], axisOf(1)] },
];

/** Combines all elements up to each one along an axis (`reverse`: from it on), without itself if `exclusive`. */
export function cumulative(op: CumulativeOp): OpDef {
  const linearity = op.linear ? jointlyIn(0) : never;
  return defineOp<CumulativeAttrs>({
    name: op.name,
    code: op.code,
    inputs: ['differentiable', 'index'],
    attrs: { exclusive: { type: 'int', default: 0 }, reverse: { type: 'int', default: 0 } },
    relevance: op.relevance,
    affine: linearity,
    piecewiseLinear: linearity,
    kinks: false,
    infer([x, axis]) {
      normalizeAxis(constantInts(axis, 'axis')[0], x!.shape.length);
      return [{ dtype: x!.dtype, shape: x!.shape }];
    },
    forward([x, axis], { exclusive, reverse }) {
      const { outer, size, inner } = aroundAxis(x!.shape, normalizeAxis(axis!.data[0], x!.shape.length));
      const { data } = x!;
      const out = new Float64Array(data.length);
      const step = reverse === 1 ? -inner : inner;
      for (let o = 0; o < outer; o++) {
        for (let i = 0; i < inner; i++) {
          let at = o * size * inner + i + (reverse === 1 ? (size - 1) * inner : 0);
          let value = op.start;
          for (let k = 0; k < size; k++, at += step) {
            const before = value;
            value = op.f(before, data[at]);
            out[at] = exclusive === 1 ? before : value;
          }
        }
      }
      return [out];
    },
    vjp: op.vjp,
    examples: EXAMPLES,
  });
}

function axisOf(axis: number): Tensor {
  return int64([], [axis]);
}
