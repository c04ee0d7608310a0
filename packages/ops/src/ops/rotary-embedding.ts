import { argumentError, int64, shapeError, type Shape } from '@pathwise/model';
import type { OpDef } from '@pathwise/graph';
import { defineOp } from '../define-op.ts';
import { normalizeIndex } from '../families/movement.ts';
import { jointlyIn } from '../linearity.ts';

type RotaryAttrs = { interleaved: number; num_heads: number; rotary_embedding_dim: number };

/**
 * Rotates pairs of features by the angles of their position: (a, b) to (a cos - b sin, a sin + b cos). X is
 * [n, heads, length, size] or [n, length, heads * size]; the caches are [positions, pairs] with position_ids [n, length],
 * [n, length, pairs] without.
 */
export const rotaryEmbedding: OpDef = defineOp<RotaryAttrs>({
  name: 'RotaryEmbedding',
  code: 0x0431,
  inputs: ['differentiable', 'zero-gradient', 'zero-gradient', 'index'],
  required: 3,
  attrs: {
    interleaved: { type: 'int', default: 0 },
    num_heads: { type: 'int', default: 0 },
    rotary_embedding_dim: { type: 'int', default: 0 },
  },
  relevance: 'fixed-linear',
  affine: jointlyIn(0),
  piecewiseLinear: jointlyIn(0),
  kinks: false,
  infer([x, cos, sin, positions], attrs) {
    const { batch, length, pairs } = sizesOf(x!.shape, attrs);
    const expected = positions ? [cos!.shape[0], pairs] : [batch, length, pairs];
    for (const [name, { shape }] of [
      ['cos_cache', cos!],
      ['sin_cache', sin!],
    ] as const) {
      if (shape.join() !== expected.join()) throw shapeError('rotaryEmbedding', name, `[${expected.join(',')}]`, shape);
    }
    if (positions && positions.shape.join() !== `${batch},${length}`) {
      throw shapeError('rotaryEmbedding', 'position_ids', `[${batch},${length}]`, positions.shape);
    }
    return [{ dtype: x!.dtype, shape: x!.shape }];
  },
  forward([x, cos, sin, positions], attrs) {
    const { batch, heads, length, size, pairs, packed } = sizesOf(x!.shape, attrs);
    const out = x!.data.slice();
    const [near, far] = attrs.interleaved ? [2, 1] : [1, pairs];
    for (let n = 0; n < batch; n++) {
      for (let t = 0; t < length; t++) {
        const row = n * length + t;
        const angles = pairs * (positions ? normalizeIndex(positions.data[row], cos!.shape[0]) : row);
        for (let h = 0; h < heads; h++) {
          const at = size * (packed ? row * heads + h : (n * heads + h) * length + t);
          for (let i = 0; i < pairs; i++) {
            const [c, s] = [cos!.data[angles + i], sin!.data[angles + i]];
            const [a, b] = [x!.data[at + i * near], x!.data[at + i * near + far]];
            out[at + i * near] = a * c - b * s;
            out[at + i * near + far] = a * s + b * c;
          }
        }
      }
    }
    return [out];
  },
  // The adjoint of a rotation turns back: the sine changes its sign.
  vjp(b, { inputs: [, cos, sin, positions], attrs }, [dy]) {
    return [b.emit('RotaryEmbedding', [dy!, cos, b.neg(sin), positions ?? null], attrs), null, null, null];
  },
  lower(b, { inputs: [x, cos, sin, positions], attrs }) {
    const shape = b.shape(x);
    const { batch, heads, length, size, pairs, packed } = sizesOf(shape, attrs);
    const whole = packed ? b.transpose(b.reshape(x, [batch, length, heads, size]), [0, 2, 1, 3]) : x;
    const angles = (cache: string): string =>
      b.reshape(positions ? b.emit('Gather', [cache, positions]) : cache, [batch, 1, length, pairs]);
    const [c, s] = [angles(cos), angles(sin)];
    // Pairs lie as [pairs, 2] or as [2, pairs].
    const axis = attrs.interleaved ? 4 : 3;
    const both = attrs.interleaved ? [pairs, 2] : [2, pairs];
    const rotated = b.reshape(b.slice(whole, [0], [2 * pairs], [3]), [batch, heads, length, ...both]);
    const side = (i: number): string =>
      b.reshape(b.slice(rotated, [i], [i + 1], [axis]), [batch, heads, length, pairs]);
    const [first, second] = [side(0), side(1)];
    const turned = [b.sub(b.mul(first, c), b.mul(second, s)), b.add(b.mul(first, s), b.mul(second, c))];
    const apart = turned.map((part) => b.reshape(part, [batch, heads, length, ...both.with(axis - 3, 1)]));
    const joined = b.reshape(b.concat(apart, axis), [batch, heads, length, 2 * pairs]);
    const y = 2 * pairs === size ? joined : b.concat([joined, b.slice(whole, [2 * pairs], [size], [3])], 3);
    return [packed ? b.reshape(b.transpose(y, [0, 2, 1, 3]), shape) : y];
  },
  examples: [
    {
      name: 'halves',
      inputs: [
        [1, 2, 3, 4],
        [1, 3, 2],
        [1, 3, 2],
      ],
    },
    {
      name: 'interleaved',
      attrs: { interleaved: 1 },
      inputs: [
        [1, 2, 3, 4],
        [1, 3, 2],
        [1, 3, 2],
      ],
    },
    {
      name: 'packed heads, position ids',
      attrs: { num_heads: 2 },
      inputs: [[2, 2, 8], [5, 2], [5, 2], int64([2, 2], [0, 3, 4, 1])],
    },
    {
      name: 'part of the features',
      attrs: { rotary_embedding_dim: 4, num_heads: 1, interleaved: 1 },
      inputs: [
        [1, 3, 6],
        [1, 3, 2],
        [1, 3, 2],
      ],
    },
  ],
});

function sizesOf(
  shape: Shape,
  attrs: RotaryAttrs,
): { batch: number; heads: number; length: number; size: number; pairs: number; packed: boolean } {
  const packed = shape.length === 3;
  if (!packed && shape.length !== 4) throw shapeError('rotaryEmbedding', 'X', 'of 3 or 4 axes', shape);
  if (packed && !(attrs.num_heads > 0 && shape[2] % attrs.num_heads === 0)) {
    throw argumentError('rotaryEmbedding', 'num_heads', `a divisor of ${shape[2]}`, attrs.num_heads);
  }
  const heads = packed ? attrs.num_heads : shape[1];
  const size = packed ? shape[2] / heads : shape[3];
  const rotated = attrs.rotary_embedding_dim || size;
  if (rotated % 2 !== 0 || rotated > size) {
    throw argumentError('rotaryEmbedding', 'rotary_embedding_dim', `an even number <= ${size}`, rotated);
  }
  return { batch: shape[0], heads, length: packed ? shape[1] : shape[2], size, pairs: rotated / 2, packed };
}
