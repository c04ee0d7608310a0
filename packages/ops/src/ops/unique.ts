import { float32, int64, sizeOf } from '@pathwise/model';
import type { OpDef, OperandInfo } from '@pathwise/graph';
import { aroundAxis, normalizeAxis } from '../axes.ts';
import { constantInts } from '../constants.ts';
import { defineOp } from '../define-op.ts';
import { never } from '../linearity.ts';

type UniqueAttrs = { axis?: number; sorted: number };

/**
 * The different elements, or slices along `axis`, of a constant, in ascending order (`sorted` = 0: in that of their
 * first occurrence); then where each occurs first, the number of each position's element among them, and the counts.
 */
export const unique: OpDef = defineOp<UniqueAttrs>({
  name: 'Unique',
  code: 0x062b,
  inputs: ['index'],
  maxOutputs: 4,
  attrs: { axis: { type: 'int' }, sorted: { type: 'int', default: 1 } },
  relevance: 'stop',
  affine: never,
  piecewiseLinear: never,
  kinks: false,
  infer([x], attrs) {
    const data = Float64Array.from(constantInts(x, 'X'));
    const { firsts, inverse } = groupSlices(data, x!, attrs);
    const found = firsts.length;
    const shape = attrs.axis === undefined ? [found] : x!.shape.with(normalizeAxis(attrs.axis, x!.shape.length), found);
    return [
      { dtype: x!.dtype, shape },
      { dtype: 'int64', shape: [found] },
      { dtype: 'int64', shape: [inverse.length] },
      { dtype: 'int64', shape: [found] },
    ];
  },
  forward([x], attrs) {
    const { slices, firsts, inverse, inner } = groupSlices(x!.data, x!, attrs);
    const outer = slices[0] === undefined ? 0 : slices[0].length / inner;
    const values = new Float64Array(outer * firsts.length * inner);
    for (const [k, first] of firsts.entries()) {
      for (let o = 0; o < outer; o++) {
        values.set(slices[first].subarray(o * inner, (o + 1) * inner), (o * firsts.length + k) * inner);
      }
    }
    const counts = new Float64Array(firsts.length);
    for (const k of inverse) counts[k]++;
    return [values, Float64Array.from(firsts), Float64Array.from(inverse), counts];
  },
  examples: [
    { name: 'elements', inputs: [float32([6], [2, 1, 1, 3, 4, 3])] },
    { name: 'unsorted, all outputs', attrs: { sorted: 0 }, inputs: [int64([4], [7, 2, 7, 1])], outputs: 4 },
    { name: 'rows', attrs: { axis: 0 }, inputs: [int64([3, 2], [1, 0, 1, 0, 0, 5])], outputs: 4 },
  ],
});

function groupSlices(
  data: Float64Array,
  { shape }: Pick<OperandInfo, 'shape'>,
  { axis, sorted }: UniqueAttrs,
): { slices: Float64Array[]; firsts: number[]; inverse: number[]; inner: number } {
  const flat = axis === undefined;
  const { outer, size, inner } = flat
    ? { outer: 1, size: sizeOf(shape), inner: 1 }
    : aroundAxis(shape, normalizeAxis(axis, shape.length));
  const slices = Array.from({ length: size }, (_, k) => {
    const slice = new Float64Array(outer * inner);
    for (let o = 0; o < outer; o++) {
      const from = (o * size + k) * inner;
      slice.set(data.subarray(from, from + inner), o * inner);
    }
    return slice;
  });
  const keys = slices.map((slice) => slice.join(','));
  const firstOf = new Map<string, number>();
  for (const [k, key] of keys.entries()) if (!firstOf.has(key)) firstOf.set(key, k);
  const firsts = [...firstOf.values()];
  if (sorted === 1) firsts.sort((a, b) => compareSlices(slices[a], slices[b]));
  const rank = new Map(firsts.map((first, k) => [keys[first], k]));
  return { slices, firsts, inverse: keys.map((key) => rank.get(key)!), inner };
}

function compareSlices(a: Float64Array, b: Float64Array): number {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return a[i] - b[i];
  return 0;
}
