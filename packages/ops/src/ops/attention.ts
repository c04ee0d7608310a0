import { int64, PathwiseError, sameShape, shapeError, tensor, type Shape } from '@pathwise/model';
import type { OpDef } from '@pathwise/graph';
import { broadcastShapes } from '../broadcast.ts';
import type { OpBuilder } from '../builder.ts';
import { defineOp } from '../define-op.ts';
import {
  attend,
  attentionShapes,
  attentionSizes,
  type AttentionAttrs,
  type AttentionSizes,
} from '../families/attention.ts';
import { jointlyIn } from '../linearity.ts';

/**
 * Scaled dot-product attention: softmax(scale Q K^T + mask) V for every head. Tensors are [n, heads, length, size] or
 * [n, length, heads * size]; several query heads may share one of K and V. A query that may look nowhere gives zeros.
 */
export const attention: OpDef = defineOp<AttentionAttrs>({
  name: 'Attention',
  code: 0x0430,
  inputs: [
    'differentiable',
    'differentiable',
    'differentiable',
    'differentiable',
    'differentiable',
    'differentiable',
    'index',
  ],
  required: 3,
  maxOutputs: 4,
  attrs: {
    is_causal: { type: 'int', default: 0 },
    kv_num_heads: { type: 'int' },
    q_num_heads: { type: 'int' },
    qk_matmul_output_mode: { type: 'int', default: 0 },
    scale: { type: 'float' },
    softcap: { type: 'float', default: 0 },
    // The precision of the engine is used.
    softmax_precision: { type: 'int' },
  },
  relevance: 'product',
  affine: jointlyIn(2, 5),
  piecewiseLinear: jointlyIn(2, 5),
  kinks: false,
  infer([q, k, v, mask, pastKey, pastValue, lengths], attrs, outputs) {
    const s = attentionSizes(q!.shape, k!.shape, v!.shape, pastKey?.shape[2] ?? 0, attrs);
    const past = s.keys - s.newKeys;
    if (!pastKey !== !pastValue || (pastKey && lengths)) {
      throw new PathwiseError('BAD_ARGUMENT', 'past_key and past_value go together, and not with nonpad_kv_seqlen');
    }
    for (const [name, value, size] of [
      ['past_key', pastKey, s.headSize],
      ['past_value', pastValue, s.valueSize],
    ] as const) {
      const shape = [s.batch, s.keyHeads, past, size];
      if (value && !sameShape(value.shape, shape))
        throw shapeError('attention', name, `[${shape.join(',')}]`, value.shape);
    }
    if (mask) checkMask(mask.shape, s);
    return attentionShapes(s, q!.shape.length === 3)
      .slice(0, outputs)
      .map((shape) => ({ dtype: q!.dtype, shape }));
  },
  forward: (inputs, attrs, types) => attend(inputs, attrs).slice(0, types.length),
  lower(b, { inputs: [q, k, v, mask, pastKey, pastValue, lengths], attrs }) {
    const s = attentionSizes(b.shape(q), b.shape(k), b.shape(v), pastKey ? b.shape(pastKey)[2] : 0, attrs);
    const keys = withPast(b, pastKey, split(b, k, s.keyHeads));
    const values = withPast(b, pastValue, split(b, v, s.keyHeads));
    const group = s.queryHeads / s.keyHeads;
    const [keysOfAll, valuesOfAll] = [repeatHeads(b, keys, group), repeatHeads(b, values, group)];
    const raw = b.mul(b.matmul(split(b, q, s.queryHeads), b.transpose(keysOfAll, [0, 1, 3, 2])), s.scale);
    const capped = attrs.softcap > 0 ? b.mul(b.tanh(b.div(raw, attrs.softcap)), attrs.softcap) : raw;
    const { added, allowed } = masks(b, s, attrs, mask, lengths);
    const biased = added === null ? capped : b.add(capped, added);
    let weights: string;
    if (allowed === null) {
      weights = b.softmax(biased);
    } else {
      // The lowest float instead of -Infinity: a row that is masked altogether then has a finite softmax to discard.
      weights = b.where(allowed, b.softmax(b.where(allowed, biased, LOWEST)), 0);
    }
    const y = b.matmul(weights, valuesOfAll);
    const joined =
      b.shape(q).length === 4
        ? y
        : b.reshape(b.transpose(y, [0, 2, 1, 3]), [s.batch, s.queries, s.queryHeads * s.valueSize]);
    const masked = (): string => (allowed === null ? biased : b.where(allowed, biased, -Infinity));
    const mode = attrs.qk_matmul_output_mode;
    return [joined, keys, values, mode === 2 ? masked() : ([raw, capped, raw, weights][mode] ?? raw)];
  },
  examples: [
    {
      name: 'one head',
      inputs: [
        [1, 1, 3, 2],
        [1, 1, 4, 2],
        [1, 1, 4, 3],
      ],
    },
    {
      name: 'heads, scale',
      attrs: { scale: 0.7 },
      inputs: [
        [2, 2, 2, 3],
        [2, 2, 3, 3],
        [2, 2, 3, 2],
      ],
    },
    {
      name: 'packed heads',
      attrs: { q_num_heads: 2, kv_num_heads: 2 },
      inputs: [
        [1, 3, 4],
        [1, 2, 4],
        [1, 2, 6],
      ],
    },
    {
      name: 'shared keys, causal',
      attrs: { q_num_heads: 4, kv_num_heads: 2, is_causal: 1 },
      inputs: [
        [1, 3, 8],
        [1, 3, 4],
        [1, 3, 4],
      ],
    },
    {
      name: 'added mask, softcap',
      attrs: { softcap: 1.5, qk_matmul_output_mode: 2 },
      inputs: [
        [1, 2, 2, 3],
        [1, 2, 3, 3],
        [1, 2, 3, 2],
        [2, 3],
      ],
      outputs: 4,
    },
    {
      name: 'boolean mask with a row of nothing',
      attrs: { qk_matmul_output_mode: 3 },
      inputs: [[1, 1, 3, 2], [1, 1, 3, 2], [1, 1, 3, 2], tensor('bool', [3, 3], [1, 0, 1, 0, 0, 0, 1, 1, 1])],
      outputs: 4,
    },
    {
      name: 'mask shorter than the keys',
      inputs: [
        [1, 1, 2, 2],
        [1, 1, 3, 2],
        [1, 1, 3, 2],
        [1, 1, 2, 2],
      ],
    },
    {
      name: 'past and causal',
      attrs: { is_causal: 1, qk_matmul_output_mode: 1, softcap: 2 },
      inputs: [[1, 2, 2, 3], [1, 2, 2, 3], [1, 2, 2, 2], null, [1, 2, 3, 3], [1, 2, 3, 2]],
      outputs: 4,
    },
    {
      name: 'external cache, causal',
      attrs: { is_causal: 1 },
      inputs: [[2, 1, 2, 2], [2, 1, 4, 2], [2, 1, 4, 2], null, null, null, int64([2], [3, 1])],
    },
  ],
});

/** The lowest float32. */
const LOWEST = -3.4028234663852886e38;

/** Splits packed heads: [n, heads, length, size]. */
function split(b: OpBuilder, x: string, heads: number): string {
  const shape = b.shape(x);
  if (shape.length === 4) return x;
  return b.transpose(b.reshape(x, [shape[0], shape[1], heads, shape[2] / heads]), [0, 2, 1, 3]);
}

function withPast(b: OpBuilder, past: string | undefined, x: string): string {
  return past ? b.concat([past, x], 2) : x;
}

/** Each head `group` times in a row. */
function repeatHeads(b: OpBuilder, x: string, group: number): string {
  if (group === 1) return x;
  const [n, heads, length, size] = b.shape(x);
  const wide = b.expand(b.reshape(x, [n, heads, 1, length, size]), [n, heads, group, length, size]);
  return b.reshape(wide, [n, heads * group, length, size]);
}

/** What is added to the scores, and which of them may be looked at (null: all); -Infinity in a mask forbids. */
function masks(
  b: OpBuilder,
  s: AttentionSizes,
  attrs: AttentionAttrs,
  mask: string | undefined,
  lengths: string | undefined,
): { added: string | null; allowed: string | null } {
  let added: string | null = null;
  const conditions: string[] = [];
  if (mask) {
    const missing = s.keys - b.shape(mask).at(-1)!;
    const { dtype } = b.type(mask);
    const pads = [...new Array<number>(2 * b.shape(mask).length - 1).fill(0), missing];
    const filler = b.scalar(dtype === 'bool' ? 0 : -Infinity, dtype);
    const full = missing > 0 ? b.emit('Pad', [mask, b.ints(pads), filler]) : mask;
    if (dtype === 'bool') {
      conditions.push(full);
    } else {
      const value = b.constantOf(full);
      const forbids = value === undefined || Array.from(value.data, Number).includes(-Infinity);
      const finite = forbids ? b.greater(full, -Infinity) : null;
      if (finite !== null) conditions.push(finite);
      added = finite === null ? full : b.where(finite, full, 0);
    }
  }
  const places = (f: (i: number, j: number) => number, rows: number): string =>
    b.constant(
      int64(
        [1, 1, rows, s.keys],
        Array.from({ length: rows * s.keys }, (_, at) => f(Math.floor(at / s.keys), at % s.keys)),
      ),
    );
  if (lengths) {
    const count = b.reshape(lengths, [s.batch, 1, 1, 1]);
    conditions.push(
      b.less(
        places((_, j) => j, 1),
        count,
      ),
    );
    // j <= i + count - queries
    if (attrs.is_causal)
      conditions.push(
        b.less(
          places((i, j) => j - i + s.queries - 1, s.queries),
          count,
        ),
      );
  } else if (attrs.is_causal) {
    const past = s.keys - s.newKeys;
    conditions.push(
      b.less(
        places((i, j) => j - i - past - 1, s.queries),
        b.scalar(0, 'int64'),
      ),
    );
  }
  const allowed = conditions.length === 0 ? null : conditions.reduce((all, one) => b.emit('And', [all, one]));
  return { added, allowed };
}

function checkMask(mask: Shape, { batch, queryHeads, queries, keys }: AttentionSizes): void {
  const width = mask.at(-1);
  const target = [batch, queryHeads, queries, width ?? 0];
  if (width === undefined || width > keys || !sameShape(broadcastShapes(mask, target), target)) {
    throw shapeError('attention', 'attn_mask', `that broadcasts to [${batch},${queryHeads},${queries},${keys}]`, mask);
  }
}
