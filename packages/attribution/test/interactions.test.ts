import { readFileSync } from 'node:fs';
import { float64, int64, toFloat64, type Attribution, type Tensor } from '@pathwise/model';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toyModel } from '../../model/testing/toy-model.ts';
import { attribute, type AttributionRequest } from '../src/index.ts';
import { dividendsOfSets, setsUpTo } from '../src/interactions/dividends-of-sets.ts';
import { dividends } from '../src/interactions/dividends.ts';
import { interactionIndex } from '../src/interactions/indices.ts';
import { shapleyValues } from '../src/coalitions/shapley-values.ts';

interface Case {
  readonly name: string;
  readonly kind: string;
  readonly outputs: string[];
  readonly inputs: { readonly v: number[]; readonly x: number[]; readonly baseline: number[] };
  readonly expected: {
    readonly dividends: number[] & Record<string, number>;
    readonly sii: Record<string, number>;
    readonly sti2: Record<string, number>;
    readonly shapley: number[];
    readonly 'leave-one-in': number[];
    readonly 'occlusion-1': number[];
    readonly difference: number;
  } & Record<string, number[][]>;
}
const golden = JSON.parse(readFileSync(new URL('golden/effects.json', import.meta.url), 'utf8')) as { cases: Case[] };
const of = (kind: string) => golden.cases.filter((c) => c.kind === kind).map((c) => [c.name, c] as const);
const row = (values: number[]): Tensor => float64([1, values.length], values);
const values = (t: Tensor | undefined): number[] => Array.from(toFloat64(t?.data ?? new Float64Array()));

describe('games', () => {
  test.each([...of('game'), ...of('indices')])('dividends: %s', (_, { inputs, expected }) => {
    expect(Array.from(dividends(Float64Array.from(inputs.v)))).toBeClose(expected.dividends, { atol: 1e-12 });
  });

  test.each(of('indices'))('indices: %s', (_, { inputs, expected }) => {
    const j = dividends(Float64Array.from(inputs.v));
    const [sii, sti] = [interactionIndex('shapley-interaction', j, 3), interactionIndex('shapley-taylor', j, 2)];
    for (const [mask, value] of Object.entries(expected.sii))
      expect(sii.get(Number(mask))).toBeClose(value, { atol: 1e-12 });
    for (const [mask, value] of Object.entries(expected.sti2))
      expect(sti.get(Number(mask))).toBeClose(value, { atol: 1e-12 });
  });

  const games = fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 32, maxLength: 32 });

  test('dividends of sets are those of all, add up to v, and give Shapley values in equal shares', () => {
    fc.assert(
      fc.property(games, (list) => {
        const v = Float64Array.from(list);
        const j = dividends(v);
        const pairs = dividendsOfSets((mask) => list[mask] ?? NaN, setsUpTo(5, 2));
        expect(pairs.size).toBe(1 + 5 + 10);
        for (const [mask, value] of pairs) expect(value).toBe(j[mask]);
        for (const whole of [0b10110, 0b11111]) {
          const sum = Array.from(j).reduce((s, value, mask) => ((mask & whole) === mask ? s + value : s), 0);
          expect(sum).toBe(list[whole]);
        }
        const single = interactionIndex('shapley-interaction', j, 1);
        const taylor = interactionIndex('shapley-taylor', j, 1);
        const shapley = Array.from(shapleyValues(v, 5));
        expect(shapley.map((__, i) => single.get(1 << i) ?? NaN)).toBeClose(shapley, { atol: 1e-11 });
        expect(shapley.map((__, i) => taylor.get(1 << i) ?? NaN)).toBeClose(shapley, { atol: 1e-11 });
        const complete = Array.from(interactionIndex('shapley-taylor', j, 3).values()).reduce((a, b) => a + b, 0);
        expect(complete).toBeClose((list[31] ?? NaN) - (list[0] ?? NaN), { atol: 1e-10 });
      }),
      { numRuns: 40, seed: 6 },
    );
  });
});

function effectOf(a: Attribution, players: number[]): number {
  const [found] = a.interactions ?? [];
  const [i = 0, j = 0] = players;
  if (players.length <= 2) return found?.pairs?.[i * found.players + (players.at(-1) ?? j)] ?? NaN;
  return found?.sets.find((set) => String(set.players) === String(players))?.value ?? NaN;
}

describe('polynomials', () => {
  const run = (method: string, { outputs, inputs }: Case, params: AttributionRequest['params'] = {}) =>
    attribute(toyModel({ outputs, inputs: { x: inputs.x.length } }), method, {
      inputs: { x: row(inputs.x) },
      baseline: row(inputs.baseline),
      target: 0,
      params,
    });

  test.each(of('polynomial'))('dividends: %s', async (_, c) => {
    const a = await run('harsanyi', c);
    const n = c.inputs.x.length;
    expect(values(a.attributions['x'])).toBeClose(c.expected['leave-one-in'], { atol: 1e-12 });
    for (let mask = 1; mask < 2 ** n; mask++) {
      const players = Array.from({ length: n }, (__, i) => i).filter((i) => (mask >> i) & 1);
      if (players.length < 2) continue;
      expect(effectOf(a, players)).toBeClose(c.expected.dividends[mask] ?? 0, { atol: 1e-12 });
    }
    expect(a.interactions?.[0]?.total).toBeClose(c.expected.difference, { atol: 1e-12 });
    expect(a.evaluations).toEqual({ forward: 2 ** n, gradient: 0 });
  });

  test.each(of('polynomial'))('pairs: %s', async (_, c) => {
    const n = c.inputs.x.length;
    const [atInput, index] = [
      await run('shapley-interactions', c, { index: 'finite-difference' }),
      await run('shapley-interactions', c, { index: 'shapley-interaction' }),
    ];
    expect(values(atInput.attributions['x'])).toBeClose(c.expected['occlusion-1'], { atol: 1e-12 });
    expect(values(index.attributions['x'])).toBeClose(c.expected.shapley, { atol: 1e-12 });
    const pairs = c.expected['finite-difference pairs at x'];
    const indices = c.expected['shapley-interaction-index pairs'];
    for (let i = 0; i < n; i++) {
      for (let k = i + 1; k < n; k++) {
        expect(effectOf(atInput, [i, k])).toBeClose(pairs?.[i]?.[k] ?? NaN, { atol: 1e-12 });
        expect(effectOf(index, [i, k])).toBeClose(indices?.[i]?.[k] ?? NaN, { atol: 1e-12 });
      }
    }
  });
});

describe('results', () => {
  const model = () => toyModel({ outputs: ['x0*x1*x2+2*x3*x4-x0*x4+x5'] });
  const inputs = { x: row([1, 2, 3, 4, 5, 6]) };
  const run = (method: string, params: AttributionRequest['params'], more: Partial<AttributionRequest> = {}) =>
    attribute(model(), method, { inputs, target: 0, params, ...more });

  test('sets up to an order cost only their subsets', async () => {
    const a = await run('harsanyi', { order: 2 });
    expect(a.evaluations.forward).toBe(1 + 1 + 6 + 15);
    expect(effectOf(a, [3, 4])).toBe(40);
    expect(effectOf(a, [4, 0])).toBe(-5);
    expect(effectOf(a, [1, 2])).toBe(0);
    expect(effectOf(a, [5])).toBe(6);
    expect(a.interactions?.[0]?.sets).toEqual([]);
    expect(a.interactions?.[0]?.orders.map(({ sets, absolute }) => [sets, absolute])).toEqual([
      [6, 6],
      [15, 45],
    ]);
    expect(a.exact).toBe(undefined);
  });

  test('keep limits the list, not the sums; rounding is stated by the number of players', async () => {
    const a = await run('harsanyi', { keep: 1 });
    const [found] = a.interactions ?? [];
    expect(found?.sets).toEqual([{ players: [0, 1, 2], value: 6 }]);
    expect(found?.orders.map(({ absolute }) => absolute)).toEqual([6, 45, 6, 0, 0, 0]);
    expect(found?.total).toBe(47);
    const [one = NaN, , three = NaN] = found?.orders.map(({ noise }) => noise ?? NaN) ?? [];
    expect(three / one).toBeClose(2, { rtol: 1e-12 });
    // 6e-8 of the largest value, for a set of one player times the root of two.
    expect(one).toBeClose(Math.SQRT2 * 6e-8 * 47, { rtol: 1e-9 });
  });

  test('Shapley-Taylor effects of an order sum to the change', async () => {
    const a = await run('shapley-interactions', { order: 2 });
    expect(a.interactions?.[0]?.total).toBeClose((a.outputAtInput[0] ?? NaN) - (a.outputAtBaseline?.[0] ?? NaN), {
      atol: 1e-11,
    });
    expect(effectOf(a, [0, 1])).toBeClose(2, { atol: 1e-12 });
    expect(effectOf(a, [3, 4])).toBeClose(40, { atol: 1e-12 });
  });

  test('players of groups, by their place among the ids', async () => {
    const featureMask = int64([6], [9, 9, 9, 2, 2, -1]);
    const a = await run('harsanyi', {}, { featureMask });
    expect(a.perPlayer).toEqual([[40, 6]]);
    // Players 0 and 1 have the ids 2 and 9; x5 never changes.
    expect(a.interactions?.[0]?.pairs).toEqual([40, -5, -5, 6]);
  });

  test.each<[string, AttributionRequest['params'], RegExp]>([
    ['harsanyi', { maxPlayers: 5 }, /harsanyi: 6 players need 64 evaluations/],
    ['shapley-interactions', { maxPlayers: 5 }, /shapley-interactions: 6 players/],
  ])('%s: too many players', async (method, params, message) => {
    await expect(run(method, params)).rejects.toThrow(message);
  });

  test('31 players do not fit a bit mask', async () => {
    const many = toyModel({ outputs: [Array.from({ length: 31 }, (_, i) => `x${i}`).join('+')] });
    const x = { x: row(new Array<number>(31).fill(1)) };
    const failed = attribute(many, 'harsanyi', { inputs: x, target: 0, params: { order: 2 } });
    await expect(failed).rejects.toThrow(/at most 30/);
  });
});
