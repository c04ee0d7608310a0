import { toFloat64, type Shape } from '@pathwise/model';
import type { OpBuilder } from '../builder.ts';
import {
  activationSets,
  lengthOf,
  runsBackward,
  sizesOf,
  type RecurrentAttrs,
  type RecurrentCell,
  type StepRefs,
} from './recurrent-cell.ts';

/** Emits a layer step by step; returns all states, the last states and, for LSTM, the last cell states. */
export function unroll<A extends RecurrentAttrs>(
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
    const wb = biases && rowsOf(b, biases, 0, rows);
    const weights = part(w, d, 0, [rows, features])!;
    const all = b.gemm(b.reshape(used, [length * batch, features]), weights, wb, { transB: 1 });
    const xs = splitEvenly(b, b.reshape(all, [length, batch, rows]), length, 0);
    const initial = (ref: string | undefined): string =>
      part(ref, d, attrs.layout ? 1 : 0, [batch, hidden]) ?? b.zeros([batch, hidden], x);
    let state = { h: initial(h0), c: cell.hasCell ? initial(c0) : '' };
    const fixed = {
      ...weightRefs(b, hidden, {
        r: part(r, d, 0, [rows, hidden])!,
        rb: biases && rowsOf(b, biases, rows, 2 * rows),
        p: part(peepholes, d, 0, [3 * hidden]),
      }),
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

/** Access to the gates' parts of the recurrent weights, each cut out once for all steps. */
function weightRefs(
  b: OpBuilder,
  hidden: number,
  { r, rb, p }: { r: string; rb: string | null; p: string | null },
): Pick<StepRefs, 'recurrent' | 'peephole'> {
  const parts = new Map<string, string>();
  const cut = (ref: string | null, first: number, count: number): string | null => {
    if (ref === null) return null;
    const key = `${ref} ${first} ${count}`;
    if (!parts.has(key)) parts.set(key, rowsOf(b, ref, first * hidden, (first + count) * hidden));
    return parts.get(key)!;
  };
  return {
    recurrent: (h, first, count) => b.gemm(h, cut(r, first, count)!, cut(rb, first, count), { transB: 1 }),
    peephole: (gate) => cut(p, gate, 1),
  };
}

/** Rows [from, to) of the first axis. */
function rowsOf(b: OpBuilder, ref: string, from: number, to: number): string {
  return from === 0 && to === b.shape(ref)[0] ? ref : b.slice(ref, [from], [to], [0]);
}

/** Equal parts along an axis. */
export function splitEvenly(b: OpBuilder, x: string, count: number, axis: number): string[] {
  if (count === 1) return [x];
  const outputs = Array.from({ length: count }, () => b.freshName('Split'));
  return b.apply('Split', [x], { axis, num_outputs: count }, { outputs });
}
