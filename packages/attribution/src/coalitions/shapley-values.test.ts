import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { shapleyValues } from './shapley-values.ts';

interface Case {
  readonly name: string;
  readonly kind: string;
  readonly inputs: { readonly v: number[] };
  readonly expected: { readonly shapley: number[] };
}
const file = new URL('../../test/golden/coalitions.json', import.meta.url);
const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { cases: Case[] };

test.each(cases.filter(({ kind }) => kind === 'game').map((c) => [c.name, c] as const))('%s', (_, c) => {
  expect(shapleyValues(Float64Array.from(c.inputs.v), 3)).toBeClose(c.expected.shapley, { atol: 1e-14 });
});

test('one player has all; a unanimity game is shared by those it needs', () => {
  expect(shapleyValues(Float64Array.from([2, 5]), 1)).toBeClose([3], { atol: 0 });
  const needs = 0b1011;
  const v = Float64Array.from({ length: 16 }, (_, s) => ((s & needs) === needs ? 1 : 0));
  expect(shapleyValues(v, 4)).toBeClose([1 / 3, 1 / 3, 0, 1 / 3], { atol: 1e-15 });
});

const games = fc
  .integer({ min: 1, max: 6 })
  .chain((n) =>
    fc.tuple(fc.constant(n), fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 2 ** n, maxLength: 2 ** n })),
  );

test('complete, and the same when players are numbered from the other end', () => {
  fc.assert(
    fc.property(games, ([n, v]) => {
      const phi = shapleyValues(Float64Array.from(v), n);
      expect(phi.reduce((a, b) => a + b, 0)).toBeClose((v.at(-1) ?? NaN) - (v[0] ?? NaN), { atol: 1e-11 });
      const mirror = (s: number): number =>
        Number.parseInt(s.toString(2).padStart(n, '0').split('').reverse().join(''), 2);
      const back = shapleyValues(
        Float64Array.from(v, (_, s) => v[mirror(s)] ?? NaN),
        n,
      );
      expect(back.toReversed()).toBeClose(Array.from(phi), { atol: 1e-11 });
    }),
    { seed: 2 },
  );
});

test('players that change nothing get exactly 0', () => {
  const v = Float64Array.from({ length: 32 }, (_, s) => Math.sin(s & 0b10110) / 3);
  const phi = shapleyValues(v, 5);
  expect([phi[0], phi[3]]).toEqual([0, 0]);
});
