import type { Attrs, OpDef, OpExample } from '@pathwise/graph';
import { aroundAxis, normalizeAxis } from '../axes.ts';
import type { OpRules } from '../define-op.ts';

/** Attributes of an op that treats each line along `axis` by itself. */
export type AxisAttrs = Attrs & { readonly axis: number };

/** Fills the line out[base + k * stride], k < size, from the same places of `data`. */
export type LineFunction = (data: Float64Array, out: Float64Array, base: number, stride: number, size: number) => void;

/** Type rule and evaluation of an op that maps each line along `axis` to one of the same length. */
export function alongAxis<A extends AxisAttrs>(
  line: (attrs: A) => LineFunction,
): Pick<OpRules<A>, 'infer' | 'forward'> {
  return {
    infer([x], { axis }) {
      normalizeAxis(axis, x!.shape.length);
      return [{ dtype: x!.dtype, shape: x!.shape }];
    },
    forward([x], attrs) {
      const { outer, size, inner } = aroundAxis(x!.shape, normalizeAxis(attrs.axis, x!.shape.length));
      const out = new Float64Array(x!.data.length);
      const fill = line(attrs);
      for (let o = 0; o < outer; o++) {
        for (let i = 0; i < inner; i++) fill(x!.data, out, o * size * inner + i, inner, size);
      }
      return [out];
    },
  };
}

/** Examples for the last, an inner and the first axis. */
export const AXIS_EXAMPLES: OpDef['examples'] = [
  { name: 'last axis', attrs: { axis: -1 }, inputs: [[3, 4]] },
  { name: 'inner axis', attrs: { axis: 1 }, inputs: [[2, 3, 4]] },
  { name: 'first axis', attrs: { axis: 0 }, inputs: [[3, 2]] },
] satisfies readonly OpExample[];
