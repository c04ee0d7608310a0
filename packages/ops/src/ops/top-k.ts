import { argumentError, int64 } from '@pathwise/model';
import type { OpDef, Value } from '@pathwise/graph';
import { aroundAxis, normalizeAxis } from '../axes.ts';
import { constantNumber } from '../constants.ts';
import { defineOp } from '../define-op.ts';
import { jointlyIn } from '../linearity.ts';

type TopKAttrs = { axis: number; largest: number; sorted: number };

/**
 * The k largest (or smallest) elements along an axis and their indices; of equal ones the first comes first. The order
 * is always the sorted one (`sorted` = 0 leaves it open).
 */
export const topK: OpDef = defineOp<TopKAttrs>({
  name: 'TopK',
  code: 0x061c,
  inputs: ['differentiable', 'index'],
  maxOutputs: 2,
  attrs: {
    axis: { type: 'int', default: -1 },
    largest: { type: 'int', default: 1 },
    sorted: { type: 'int', default: 1 },
  },
  relevance: 'max',
  affine: () => false,
  piecewiseLinear: jointlyIn(0),
  kinks: true,
  infer([x, kInput], attrs) {
    const axis = normalizeAxis(attrs.axis, x!.shape.length);
    const k = constantNumber(kInput, 'K');
    if (k < 0 || k > x!.shape[axis]) throw argumentError('topK', 'K', `an integer in [0, ${x!.shape[axis]}]`, k);
    const shape = x!.shape.with(axis, k);
    return [
      { dtype: x!.dtype, shape },
      { dtype: 'int64', shape },
    ];
  },
  forward([x, kInput], attrs) {
    const axis = normalizeAxis(attrs.axis, x!.shape.length);
    const k = kInput!.data[0];
    const { outer, size, inner } = aroundAxis(x!.shape, axis);
    const values = new Float64Array(outer * k * inner);
    const indices = new Float64Array(outer * k * inner);
    const line = new Float64Array(size);
    for (let o = 0; o < outer; o++) {
      for (let i = 0; i < inner; i++) {
        for (let a = 0; a < size; a++) line[a] = x!.data[(o * size + a) * inner + i];
        const order = ranking(line, attrs.largest === 1);
        for (let j = 0; j < k; j++) {
          const to = (o * k + j) * inner + i;
          values[to] = line[order[j]];
          indices[to] = order[j];
        }
      }
    }
    return [values, indices];
  },
  vjp(b, { name, inputs, outputs, attrs }, [dy]) {
    if (!dy) return [null, null];
    const [x] = inputs;
    let indices = outputs[1];
    if (!indices)
      [, indices] = b.apply('TopK', inputs, attrs, {
        outputs: ['values', 'indices'].map((part) => b.freshName(`${name}.${part}`)),
      });
    const zeros = b.zeros(b.shape(x), dy);
    return [b.emit('ScatterElements', [zeros, indices, dy], { axis: attrs.axis, reduction: 'add' }), null];
  },
  crossings([a, kInput], [b], attrs) {
    const { axis, largest } = attrs as TopKAttrs;
    return rankCrossings(a!, b!, normalizeAxis(axis, a!.shape.length), kInput!.data[0], largest === 1);
  },
  examples: [
    { name: 'last axis', inputs: [[2, 5], int64([1], [3])] },
    { name: 'smallest of the first axis', attrs: { axis: 0, largest: 0 }, inputs: [[4, 2], int64([1], [2])] },
    { name: 'values and indices', attrs: { axis: 1 }, inputs: [[2, 4, 3], int64([1], [2])], outputs: 2 },
    { name: 'all', inputs: [[4], int64([1], [4])] },
  ],
});

/** Positions from the largest (or smallest) to the other end; equal values keep their order, NaN counts as largest. */
function ranking(line: Float64Array, largest: boolean): Uint32Array {
  const order = Uint32Array.from(line, (_, i) => i);
  const sign = largest ? -1 : 1;
  return order.sort((p, q) => sign * compare(line[p], line[q]) || p - q);
}

function compare(a: number, b: number): number {
  if (a < b) return -1;
  if (a > b) return 1;
  return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
}

/** Elements so much apart, relative to their size, count as equal: where several meet, rounding orders them anyhow. */
const EQUAL = 1e-12;

/** Where two elements meet and change places within the first k ranks, or at their border. */
function rankCrossings(a: Value, b: Value, axis: number, k: number, largest: boolean): number[] {
  const { outer, size, inner } = aroundAxis(a.shape, axis);
  const sign = largest ? 1 : -1;
  const places: number[] = [];
  for (let line = 0; line < outer * inner; line++) {
    const base = Math.floor(line / inner) * size * inner + (line % inner);
    for (let p = 0; p < size; p++) {
      for (let q = p + 1; q < size; q++) {
        const at = (i: number): number => base + i * inner;
        const gapA = a.data[at(p)] - a.data[at(q)];
        const gapB = b.data[at(p)] - b.data[at(q)];
        const t = gapA / (gapA - gapB);
        if (!(t > 0 && t < 1)) continue;
        const level = (1 - t) * a.data[at(p)] + t * b.data[at(p)];
        let before = 0;
        for (let i = 0; i < size; i++) {
          if (i === p || i === q) continue;
          const other = (1 - t) * a.data[at(i)] + t * b.data[at(i)];
          const margin = EQUAL * Math.max(Math.abs(a.data[at(i)]), Math.abs(b.data[at(i)]), Math.abs(level));
          if (sign * (other - level) > margin) before++;
        }
        if (before < k) places.push(t);
      }
    }
  }
  return places;
}
