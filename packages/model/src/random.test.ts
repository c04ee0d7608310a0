import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  naturalLogarithm,
  normalOf,
  philox,
  randomNormal,
  randomPermutation,
  randomPick,
  randomUniform,
  randomWord,
  streams,
  type Stream,
} from './random.ts';

interface Vector {
  readonly stream: Stream;
  readonly row: number;
  readonly sample: number;
  readonly element: number;
  readonly tensor?: number;
  readonly word: string;
  readonly uniform?: number;
  readonly normal?: number;
}
const golden = JSON.parse(readFileSync(new URL('../test/golden/random.json', import.meta.url), 'utf8')) as {
  cases: { name: string; vectors: Vector[] }[];
};
const vectors = (name: string): Vector[] => golden.cases.find((c) => c.name === name)?.vectors ?? [];
const hex = (word: number): string => word.toString(16).padStart(8, '0');

describe('philox', () => {
  // Known-answer vectors of Random123 (kat_vectors, philox4x32 10).
  test.each([
    [[0, 0, 0, 0], [0, 0], '6627e8d5 e169c58d bc57ac4c 9b00dbd8'],
    [[0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff], [0xffffffff, 0xffffffff], '408f276d 41c83b0e a20bc7c6 6d5451fd'],
    [[0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0], 'd16cfe09 94fdcceb 5001e420 24126ea1'],
  ] as const)('known answer %#', (counter, key, expected) => {
    expect(philox(counter, key).map(hex).join(' ')).toBe(expected);
  });
});

describe('draws', () => {
  test.each(vectors('words, uniforms, normals'))('seed 42, %o', ({ stream, word, uniform, normal, ...draw }) => {
    expect(hex(randomWord(42, stream, draw))).toBe(word);
    expect(randomUniform(42, stream, draw)).toBe(uniform);
    expect(randomNormal(42, stream, draw)).toBe(normal);
  });

  test('a seed beyond 32 bits is split over the key', () => {
    const seed = 0x0123456789abcdefn;
    expect(hex(randomWord(seed, streams.noise))).toBe(vectors('seed beyond 32 bits')[0]?.word);
    expect(randomWord(2 ** 40 + 5, streams.noise)).toBe(randomWord(2n ** 40n + 5n, streams.noise));
  });

  test.each(vectors('normal of a word'))('normal of word $word', ({ word, normal }) => {
    expect(normalOf(Number.parseInt(word, 16))).toBe(normal);
  });

  test('normals of mirrored words cancel to the bit', () => {
    for (const word of [0, 1, 0x13333332, 0x13333333, 0x40000000, 0x7fffffff]) {
      expect(normalOf(word) + normalOf(2 ** 32 - 1 - word)).toBe(0);
    }
  });

  // Order of (word, index); floor(word * m / 2^32); from the words above.
  test('permutations and picks', () => {
    expect(randomPermutation(42, streams.coalition, 6)).toEqual([1, 2, 3, 0, 5, 4]);
    expect(randomPermutation(42, streams.coalition, 6, { sample: 1 })).toEqual([3, 1, 0, 4, 2, 5]);
    const picks = Array.from({ length: 8 }, (_, sample) => randomPick(42, streams.pick, 5, { sample }));
    expect(picks).toEqual([3, 4, 3, 2, 0, 1, 1, 4]);
  });

  test('naturalLogarithm agrees with the host', () => {
    for (let u = 2 ** -33; u < 100; u *= 1.37)
      expect(naturalLogarithm(u)).toBeClose(Math.log(u), { atol: 5e-16, rtol: 4e-16 });
  });
});
