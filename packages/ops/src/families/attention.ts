import { argumentError, shapeError, type Shape } from '@pathwise/model';
import type { Value } from '@pathwise/graph';
import { broadcastStrides } from '../broadcast.ts';
import { addProduct, type MatrixView } from './matrix-product.ts';

export type AttentionAttrs = {
  is_causal: number;
  kv_num_heads?: number;
  q_num_heads?: number;
  qk_matmul_output_mode: number;
  scale?: number;
  softcap: number;
  softmax_precision?: number;
};

export interface AttentionSizes {
  readonly batch: number;
  readonly queryHeads: number;
  readonly keyHeads: number;
  /** Length of the query, of the incoming keys, and of all keys with the past. */
  readonly queries: number;
  readonly newKeys: number;
  readonly keys: number;
  readonly headSize: number;
  readonly valueSize: number;
  readonly scale: number;
}

/** @throws PathwiseError BAD_SHAPE or BAD_ARGUMENT if the tensors do not fit each other. */
export function attentionSizes(
  q: Shape,
  k: Shape,
  v: Shape,
  pastLength: number,
  attrs: AttentionAttrs,
): AttentionSizes {
  if ((q.length !== 3 && q.length !== 4) || k.length !== q.length || v.length !== q.length) {
    throw shapeError('attention', 'Q, K and V', 'of 3 or 4 axes each', q);
  }
  const packed = q.length === 3;
  const queryHeads = packed ? attrs.q_num_heads : q[1];
  const keyHeads = packed ? attrs.kv_num_heads : k[1];
  if (queryHeads === undefined || keyHeads === undefined) {
    throw argumentError('attention', 'q_num_heads and kv_num_heads', 'both for inputs of 3 axes', 'nothing');
  }
  const perHead = (shape: Shape, heads: number): number => (packed ? shape[2] / heads : shape[3]);
  const headSize = perHead(q, queryHeads);
  const newKeys = k[packed ? 1 : 2];
  const fits =
    queryHeads % keyHeads === 0 &&
    Number.isInteger(headSize) &&
    perHead(k, keyHeads) === headSize &&
    Number.isInteger(perHead(v, keyHeads)) &&
    v[packed ? 1 : 2] === newKeys &&
    (packed || v[1] === keyHeads);
  if (!fits) throw shapeError('attention', 'K and V', `fitting Q [${q.join(',')}]`, [...k, ...v]);
  return {
    batch: q[0],
    queryHeads,
    keyHeads,
    queries: q[packed ? 1 : 2],
    newKeys,
    keys: newKeys + pastLength,
    headSize,
    valueSize: perHead(v, keyHeads),
    scale: attrs.scale ?? 1 / Math.sqrt(headSize),
  };
}

/** [rows, size] of one head of a tensor [batch, heads, rows, size], or [batch, rows, heads * size] if packed. */
function headView(
  data: Float64Array,
  packed: boolean,
  [n, heads, h]: readonly [batchIndex: number, heads: number, head: number],
  rows: number,
  size: number,
): MatrixView {
  return packed
    ? { data, offset: n * rows * heads * size + h * size, rowStride: heads * size, columnStride: 1 }
    : { data, offset: (n * heads + h) * rows * size, rowStride: size, columnStride: 1 };
}

/** The past and the new rows of every head: [batch, heads, past + rows, size]. */
function present(past: Value | null | undefined, x: Value, s: AttentionSizes, size: number): Float64Array {
  const pastRows = s.keys - s.newKeys;
  const out = new Float64Array(s.batch * s.keyHeads * s.keys * size);
  for (let n = 0; n < s.batch; n++) {
    for (let h = 0; h < s.keyHeads; h++) {
      const head = n * s.keyHeads + h;
      let to = head * s.keys * size;
      if (past) out.set(past.data.subarray(head * pastRows * size, (head + 1) * pastRows * size), to);
      to += pastRows * size;
      const view = headView(x.data, x.shape.length === 3, [n, s.keyHeads, h], s.newKeys, size);
      for (let row = 0; row < s.newKeys; row++, to += size) {
        const from = view.offset + row * view.rowStride;
        out.set(x.data.subarray(from, from + size), to);
      }
    }
  }
  return out;
}

/** Y, present key, present value, and the scores that qk_matmul_output_mode asks for. */
export function attend(inputs: readonly (Value | null)[], attrs: AttentionAttrs): Float64Array[] {
  const [q, k, v, mask, pastKey, pastValue, lengths] = inputs;
  const s = attentionSizes(q!.shape, k!.shape, v!.shape, pastKey?.shape[2] ?? 0, attrs);
  const packed = q!.shape.length === 3;
  const keys = present(pastKey, k!, s, s.headSize);
  const values = present(pastValue, v!, s, s.valueSize);
  const area = s.queries * s.keys;
  const y = new Float64Array(s.batch * s.queryHeads * s.queries * s.valueSize);
  const shown = new Float64Array(s.batch * s.queryHeads * area);
  const bias = new Float64Array(area);
  const group = s.queryHeads / s.keyHeads;
  for (let n = 0; n < s.batch; n++) {
    for (let h = 0; h < s.queryHeads; h++) {
      const scores = new Float64Array(area);
      const show = (mode: number): void => {
        if (attrs.qk_matmul_output_mode === mode) shown.set(scores, (n * s.queryHeads + h) * area);
      };
      const kv = Math.floor(h / group);
      const keyView = headView(keys, false, [n, s.keyHeads, kv], s.keys, s.headSize);
      const turned = { ...keyView, rowStride: 1, columnStride: s.headSize };
      const scoreView = { data: scores, offset: 0, rowStride: s.keys, columnStride: 1 };
      addProduct(
        s.queries,
        s.keys,
        s.headSize,
        headView(q!.data, packed, [n, s.queryHeads, h], s.queries, s.headSize),
        turned,
        scoreView,
      );
      for (let i = 0; i < area; i++) scores[i] *= s.scale;
      show(0);
      if (attrs.softcap > 0)
        for (let i = 0; i < area; i++) scores[i] = attrs.softcap * Math.tanh(scores[i] / attrs.softcap);
      show(1);
      fillBias(bias, s, attrs, mask, lengths?.data[n], n, h);
      for (let i = 0; i < area; i++) scores[i] += bias[i];
      show(2);
      for (let row = 0; row < s.queries; row++) softmaxInPlace(scores.subarray(row * s.keys, (row + 1) * s.keys));
      show(3);
      addProduct(
        s.queries,
        s.valueSize,
        s.keys,
        scoreView,
        headView(values, false, [n, s.keyHeads, kv], s.keys, s.valueSize),
        headView(y, packed, [n, s.queryHeads, h], s.queries, s.valueSize),
      );
    }
  }
  return [y, keys, values, shown];
}

/** What is added to the scores of one head: -Infinity where a query may not look. */
function fillBias(
  bias: Float64Array,
  s: AttentionSizes,
  attrs: AttentionAttrs,
  mask: Value | null | undefined,
  length: number | undefined,
  n: number,
  h: number,
): void {
  bias.fill(0);
  if (mask) {
    const width = mask.shape.at(-1)!;
    const strides = broadcastStrides(mask.shape, [s.batch, s.queryHeads, s.queries, width]);
    for (let i = 0; i < s.queries; i++) {
      const at = n * strides[0] + h * strides[1] + i * strides[2];
      for (let j = 0; j < s.keys; j++) {
        const value = j < width ? mask.data[at + j * strides[3]] : mask.dtype === 'bool' ? 0 : -Infinity;
        bias[i * s.keys + j] = mask.dtype !== 'bool' ? value : value !== 0 ? 0 : -Infinity;
      }
    }
  }
  const offset = causalOffset(s, length);
  for (let i = 0; i < s.queries; i++) {
    for (let j = 0; j < s.keys; j++) {
      if ((attrs.is_causal && j > i + offset) || (length !== undefined && j >= length))
        bias[i * s.keys + j] = -Infinity;
    }
  }
}

/** Number of keys before those of the first query; `length` is the number of valid keys where that is given. */
export function causalOffset(s: AttentionSizes, length: number | undefined): number {
  return length === undefined ? s.keys - s.newKeys : length - s.queries;
}

/** A row of nothing but -Infinity becomes zeros. */
function softmaxInPlace(row: Float64Array): void {
  let most = -Infinity;
  for (let j = 0; j < row.length; j++) if (row[j] > most) most = row[j];
  if (most === -Infinity) {
    row.fill(0);
    return;
  }
  let sum = 0;
  for (let j = 0; j < row.length; j++) sum += row[j] = Math.exp(row[j] - most);
  for (let j = 0; j < row.length; j++) row[j] /= sum;
}

/** Shapes of the four outputs. */
export function attentionShapes(s: AttentionSizes, packed: boolean): number[][] {
  const { batch, queryHeads, keyHeads, queries, keys, headSize, valueSize } = s;
  return [
    packed ? [batch, queries, queryHeads * valueSize] : [batch, queryHeads, queries, valueSize],
    [batch, keyHeads, keys, headSize],
    [batch, keyHeads, keys, valueSize],
    [batch, queryHeads, queries, keys],
  ];
}
