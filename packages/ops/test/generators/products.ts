import fc from 'fast-check';
import { int64, type Tensor } from '@pathwise/model';
import {
  between,
  bit,
  broadcastingTo,
  conditions,
  constants,
  list,
  ofRank,
  optional,
  sizes,
  upTo,
} from './arbitraries.ts';
import type { GeneratedCase, Generators } from './generated-case.ts';

const matrices: fc.Arbitrary<GeneratedCase> = fc
  .tuple(sizes({ minLength: 0, maxLength: 2 }, 3), ofRank(3, 3))
  .chain(([batch, [m, k, n]]) =>
    fc
      .tuple(broadcastingTo(batch), broadcastingTo(batch), fc.boolean(), fc.boolean())
      .map(([left, right, row, column]) => ({
        inputs: [row ? [k!] : [...left, m!, k!], column ? [k!] : [...right, k!, n!]],
      })),
  );

const gemm: fc.Arbitrary<GeneratedCase> = fc
  .tuple(ofRank(3, 3), bit, bit, between(-2, 2), between(-2, 2))
  .chain(([[m, k, n], transA, transB, alpha, beta]) =>
    optional(broadcastingTo([m!, n!])).map((bias) => ({
      attrs: { alpha, beta, transA, transB },
      inputs: [transA ? [k!, m!] : [m!, k!], transB ? [n!, k!] : [k!, n!], ...(bias === null ? [] : [bias])],
    })),
  );

/** Terms of up to four letters, repeated ones too (diagonals); all, some or no letters in the output. */
const einsum: fc.Arbitrary<GeneratedCase> = fc
  .tuple(
    ofRank(4, 3),
    fc.array(fc.array(fc.nat(3), { maxLength: 3 }), { minLength: 1, maxLength: 3 }),
    fc.boolean(),
    fc.array(upTo(2), { maxLength: 2 }),
  )
  .chain(([lengths, terms, dots, batch]) => {
    const used = [...new Set(terms.flat())];
    const operands = fc.tuple(
      ...terms.map((term) =>
        fc.tuple(dots ? broadcastingTo(batch) : fc.constant([]), fc.nat(7)).map(([outer, bits]) => [
          ...outer,
          // A letter that its term has once may have size 1 here and repeat.
          ...term.map((letter, i) =>
            bits === i && term.indexOf(letter) === term.lastIndexOf(letter) ? 1 : lengths[letter]!,
          ),
        ]),
      ),
    );
    return fc.tuple(operands, fc.shuffledSubarray(used), fc.boolean()).map(([inputs, kept, implicit]) => {
      const spelt = terms.map((term) => (dots ? '...' : '') + term.map((letter) => 'abcd'[letter]).join(''));
      const output = implicit ? '' : `->${dots ? '...' : ''}${kept.map((letter) => 'abcd'[letter]).join('')}`;
      return { attrs: { equation: spelt.join(',') + output }, inputs };
    });
  });

const attentionSizes = fc.record({
  batch: upTo(2),
  keyHeads: upTo(2),
  group: upTo(2),
  queries: upTo(3),
  newKeys: upTo(3),
  size: upTo(3),
  valueSize: upTo(3),
  past: fc.nat(2),
});
const attentionAttrs = fc.record(
  { is_causal: bit, scale: between(0.2, 1.5), softcap: between(0.5, 3) },
  { requiredKeys: ['is_causal'] },
);

const attention: fc.Arbitrary<GeneratedCase> = fc
  .tuple(
    attentionSizes,
    attentionAttrs,
    fc.boolean(),
    fc.constantFrom('none', 'added', 'constant', 'boolean', 'short'),
    fc.constantFrom('none', 'past', 'lengths'),
    fc.tuple(upTo(4), fc.constantFrom(0, 1, 2, 3)),
  )
  .chain(([s, attrs, packed, masked, cached, [outputs, mode]]) => {
    const heads = s.keyHeads * s.group;
    const past = cached === 'past' ? s.past : 0;
    const keys = s.newKeys + past;
    const rows = (count: number, length: number, size: number): number[] =>
      packed ? [s.batch, length, count * size] : [s.batch, count, length, size];
    const full = [s.batch, heads, s.queries, keys];
    const mask: fc.Arbitrary<readonly number[] | Tensor | null> =
      masked === 'none'
        ? fc.constant(null)
        : masked === 'short'
          ? fc.constant([s.queries, Math.max(1, keys - 1)])
          : // The last axis must be as long as the keys.
            broadcastingTo(full.slice(0, -1)).chain((leading): fc.Arbitrary<readonly number[] | Tensor> => {
              const shape = [...leading, keys];
              if (masked === 'boolean') return conditions(shape);
              return masked === 'constant' ? constants(shape, -2, 2) : fc.constant(shape);
            });
    const lengths =
      cached === 'lengths'
        ? list(s.batch, fc.integer({ min: 1, max: keys })).map((values) => int64([s.batch], values))
        : fc.constant(null);
    // The scores after the mask (mode 2) are infinite where something is masked.
    const hidden = attrs.is_causal === 1 || masked === 'boolean' || masked === 'short' || cached === 'lengths';
    return fc.tuple(mask, lengths).map(([maskInput, lengthsInput]) => ({
      attrs: {
        ...attrs,
        qk_matmul_output_mode: hidden && mode === 2 ? 0 : mode,
        ...(packed && { q_num_heads: heads, kv_num_heads: s.keyHeads }),
      },
      inputs: [
        rows(heads, s.queries, s.size),
        rows(s.keyHeads, s.newKeys, s.size),
        rows(s.keyHeads, s.newKeys, s.valueSize),
        maskInput,
        ...(cached === 'past'
          ? [
              [s.batch, s.keyHeads, past, s.size],
              [s.batch, s.keyHeads, past, s.valueSize],
            ]
          : [null, null]),
        lengthsInput,
      ],
      outputs,
    }));
  });

/** With position ids the caches hold every position, without them those of the rows. */
const rotaryEmbedding: fc.Arbitrary<GeneratedCase> = fc
  .tuple(ofRank(5, 3), fc.boolean(), fc.boolean(), bit, fc.nat(2))
  .chain(([[batch, heads, length, pairs, positions], packed, byId, interleaved, untouched]) => {
    const size = 2 * pairs! + untouched;
    const cache = byId ? [positions!, pairs!] : [batch!, length!, pairs!];
    return list(batch! * length!, fc.nat(positions! - 1)).map((ids) => ({
      attrs: {
        interleaved,
        ...(packed && { num_heads: heads! }),
        ...(untouched > 0 && { rotary_embedding_dim: 2 * pairs! }),
      },
      inputs: [
        packed ? [batch!, length!, heads! * size] : [batch!, heads!, length!, size],
        cache,
        cache,
        ...(byId ? [int64([batch!, length!], ids)] : []),
      ],
    }));
  });

export const PRODUCTS: Generators = {
  MatMul: matrices,
  Gemm: gemm,
  Einsum: einsum,
  Attention: attention,
  RotaryEmbedding: rotaryEmbedding,
};
