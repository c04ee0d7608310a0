import { readFileSync } from 'node:fs';
import { float64, int64, toFloat64, type Tensor } from '@pathwise/model';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toyModel } from '../../model/testing/toy-model.ts';
import { owenCoalitions, owenCount, owenValues, unionsOf } from '../src/coalitions/owen-values.ts';
import { shapleyValues } from '../src/coalitions/shapley-values.ts';
import { attribute } from '../src/index.ts';

interface Case {
  readonly kind: string;
  readonly inputs: { readonly v: number[] };
  readonly params: { readonly unions: number[][] };
  readonly expected: { readonly attributions: number[]; readonly shapley: number[] };
}
const golden = JSON.parse(readFileSync(new URL('golden/effects.json', import.meta.url), 'utf8')) as { cases: Case[] };
const row = (values: number[]): Tensor => float64([1, values.length], values);
const values = (t: Tensor | undefined): number[] => Array.from(toFloat64(t?.data ?? new Float64Array()));
const owen = (v: readonly number[], given: number[]): Float64Array =>
  owenValues((mask) => v[mask] ?? NaN, unionsOf('shapley', given, Math.log2(v.length)));

test('Owen, three players', () => {
  const { inputs, params, expected } = golden.cases.find(({ kind }) => kind === 'owen') as Case;
  expect(params.unions).toEqual([[0, 1], [2]]);
  expect(owen(inputs.v, [0, 0, 1])).toBeClose(expected.attributions, { atol: 1e-12 });
  expect(owen(inputs.v, [4, 2, 9])).toBeClose(expected.shapley, { atol: 1e-12 });
  expect(owen(inputs.v, [1, 1, 1])).toBeClose(expected.shapley, { atol: 1e-12 });
});

test('unions sum to the Shapley values between unions; one alone, or all single, are Shapley values', () => {
  const games = fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 32, maxLength: 32 });
  fc.assert(
    fc.property(games, (v) => {
      const given = [0, 1, 0, 2, 1];
      const phi = owen(v, given);
      const masks = [0b00101, 0b10010, 0b01000];
      const between = Float64Array.from({ length: 8 }, (_, chosen) => {
        const mask = masks.reduce((sum, own, g) => ((chosen >> g) & 1 ? sum | own : sum), 0);
        return v[mask] ?? NaN;
      });
      const sums = masks.map((own) => phi.reduce((sum, value, i) => ((own >> i) & 1 ? sum + value : sum), 0));
      expect(sums).toBeClose(Array.from(shapleyValues(between, 3)), { atol: 1e-11 });
      expect(owen(v, [0, 1, 2, 3, 4])).toBeClose(Array.from(shapleyValues(Float64Array.from(v), 5)), { atol: 1e-11 });
    }),
    { seed: 3, numRuns: 50 },
  );
});

// 2^4 + 4 * 2^3 * (2^4 - 2) = 464 coalitions for four unions of four (coalitions.md section 10).
test('only the coalitions that are needed', () => {
  const unions = unionsOf('shapley', [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3], 16);
  expect(owenCount(unions)).toBe(464);
  expect(owenCoalitions(unions).length).toBe(464);
});

describe('unions of a request', () => {
  const model = () => toyModel({ outputs: ['x0*x1*x2+x3*x0-relu(x1-x2)+x4'] });
  const run = (unions: number[], more = {}) =>
    attribute(model(), 'shapley', { inputs: { x: row([2, 1, -1, 3, 1]) }, target: 0, params: { unions, ...more } });

  test('evaluates no more', async () => {
    const a = await run([0, 0, 1, 1, 2]);
    // 2^3 and twice 2^2 (2^2 - 2)
    expect(a.evaluations.forward).toBe(8 + 8 + 8);
    expect(a.convergenceDelta).toBeClose([0], { atol: 1e-12 });
    expect(a.exact).toBe(true);
  });

  test('players are those of the mask', async () => {
    const a = await attribute(model(), 'shapley', {
      inputs: { x: row([2, 1, -1, 3, 1]) },
      target: 0,
      featureMask: int64([5], [0, 0, 7, 7, 3]),
      params: { unions: [0, 1, 1] },
    });
    expect(a.perPlayer?.[0]?.length).toBe(3);
    expect(new Set(values(a.attributions['x']).slice(0, 2)).size).toBe(1);
  });

  test.each<[number[], Record<string, number>, string, RegExp]>([
    [[0, 1], {}, 'BAD_ARGUMENT', /for each of 5 players/],
    [[0, 0.5, 1, 1, 1], {}, 'BAD_ARGUMENT', /union number/],
    [[0, 0, 0, 0, 1], { maxPlayers: 4 }, 'LIMIT_EXCEEDED', /need 32 evaluations a row; maxPlayers 4 allows 16/],
  ])('%j is refused', async (unions, more, code, message) => {
    await expect(run(unions, more)).rejects.toMatchObject({ code });
    await expect(run(unions, more)).rejects.toThrow(message);
  });
});
