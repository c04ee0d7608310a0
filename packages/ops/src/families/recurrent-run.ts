import type { Value } from '@pathwise/graph';
import { addProduct } from './matrix-product.ts';
import {
  activationSets,
  lengthOf,
  runsBackward,
  sizesOf,
  type RecurrentAttrs,
  type RecurrentCell,
} from './recurrent-cell.ts';

/** Evaluates a layer: all states, the last states, the last cell states. */
export function run<A extends RecurrentAttrs>(
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
