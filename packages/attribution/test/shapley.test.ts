import { readFileSync } from 'node:fs';
import { float64, int64, toFloat64, type Tensor } from '@pathwise/model';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { build, networks, rows } from '../../model/testing/toy-arbitraries.ts';
import { toyModel } from '../../model/testing/toy-model.ts';
import { attribute } from '../src/index.ts';

interface Case {
  readonly name: string;
  readonly kind: string;
  readonly outputs: string[];
  readonly inputs: { readonly x: number[]; readonly baseline: number[]; readonly baselines?: number[][] };
  readonly expected: { readonly shapley?: number[] };
}
const golden = JSON.parse(readFileSync(new URL('golden/coalitions.json', import.meta.url), 'utf8')) as {
  cases: Case[];
};
const row = (values: number[]): Tensor => float64([1, values.length], values);
const values = (t: Tensor | undefined): number[] => Array.from(toFloat64(t?.data ?? new Float64Array()));

test.each(
  golden.cases
    .filter(({ kind, expected }) => (kind === 'polynomial' || kind === 'set') && expected.shapley !== undefined)
    .map((c) => [c.name, c] as const),
)('closed form: %s', async (_, { outputs, inputs, expected }) => {
  const { x, baseline, baselines } = inputs;
  const model = toyModel({ outputs, inputs: { x: x.length } });
  const set = baselines === undefined ? null : { set: float64([baselines.length, x.length], baselines.flat()) };
  const a = await attribute(model, 'shapley', { inputs: { x: row(x) }, baseline: set ?? row(baseline), target: 0 });
  expect(a.attributions['x']?.data).toBeClose(expected.shapley ?? [], { atol: 1e-12 });
  expect(a.convergenceDelta).toBeClose([0], { atol: 1e-12 });
  expect(a.exact).toBe(true);
  // F(x), F of each baseline, and the other coalitions with each.
  expect(a.evaluations).toEqual({ forward: 1 + (2 ** x.length - 1) * (baselines?.length ?? 1), gradient: 0 });
});

// max(a, b) at (1, 1): occlusion misses neither, each has half.
test('saturation is shared', async () => {
  const model = toyModel({ outputs: ['x0+relu(x1-x0)'] });
  const request = { inputs: { x: row([1, 1]) }, target: 0 };
  expect(values((await attribute(model, 'shapley', request)).attributions['x'])).toEqual([0.5, 0.5]);
  expect(values((await attribute(model, 'occlusion', request)).attributions['x'])).toEqual([0, 0]);
});

describe('players', () => {
  const model = toyModel({ outputs: ['x0*x1*x2+x0-relu(x1-x2)+x3'] });
  const run = async (ids: number[], x = [2, 1, -1, 3]) => {
    const featureMask = int64([4], ids);
    return attribute(model, 'shapley', {
      inputs: { x: row(x) },
      baseline: row([1, 2, 0.5, 0]),
      target: 0,
      featureMask,
    });
  };

  test('numbers of ids do not matter, only which are equal', async () => {
    const [a, b] = [await run([0, 1, 2, 1]), await run([7, 100, 3, 100])];
    expect(b.perPlayer?.[0]).toBeClose(
      [2, 0, 1].map((player) => a.perPlayer?.[0]?.[player] ?? NaN),
      { atol: 1e-14 },
    );
    expect(values(b.attributions['x'])).toBeClose(values(a.attributions['x']), { atol: 1e-14 });
  });

  test('all of one player, over two inputs: it has the whole change', async () => {
    const two = toyModel({ inputs: { x: 1, c: 1 }, outputs: ['x0*c0'] });
    const one = { x: int64([1], [5]), c: int64([1], [5]) };
    const a = await attribute(two, 'shapley', { inputs: { x: row([3]), c: row([4]) }, target: 0, featureMask: one });
    expect(a.perPlayer).toEqual([[12]]);
    expect(a.evaluations.forward).toBe(2);
  });

  test('an unchanged player has exactly 0', async () => {
    const a = await run([0, 1, 2, 3], [2, 2, -1, 3]);
    expect(a.perPlayer?.[0]?.[1]).toBe(0);
  });
});

test('a constant added to F changes nothing, a factor scales, functions add', async () => {
  await fc.assert(
    fc.asyncProperty(networks(), rows(3), rows(3), async (toy, x, from) => {
      const request = { inputs: { x: row(x) }, baseline: row(from) };
      const model = build(toy);
      const of = async (a: number, b: number, c: number) =>
        values(
          (
            await attribute(model, 'shapley', {
              ...request,
              target: (y) => ({ value: a * (y[0] ?? NaN) + b * (y[1] ?? NaN) + c, gradient: [a, b] }),
            })
          ).attributions['x'],
        );
      const [f, g, both] = [await of(1, 0, 0), await of(0, 1, 0), await of(3, -2, 5)];
      const scale = Math.max(1, ...[...f, ...g].map(Math.abs));
      expect(both).toBeClose(
        f.map((v, i) => 3 * v - 2 * (g[i] ?? NaN)),
        { atol: 1e-12 * scale },
      );
    }),
    { numRuns: 20, seed: 4 },
  );
});

test('the same bits in tiles of 1, 3 and all', async () => {
  const model = () => toyModel({ outputs: ['tanh(x0+2*x1-x2)*x3+x4'] });
  const request = { inputs: { x: float64([2, 5], [1, 2, 3, 4, 5, -1, 0.3, 2, 0, 1]) }, target: 0 };
  const of = async (maxBytes?: number) =>
    values((await attribute(model(), 'shapley', { ...request, maxBytes })).attributions['x']);
  const whole = await of();
  expect(await of(2000)).toEqual(whole);
  expect(await of(6000)).toEqual(whole);
});

describe('limits', () => {
  const sum = (n: number) => toyModel({ outputs: [Array.from({ length: n }, (_, i) => `x${i}`).join('+')] });
  test.each([
    [17, /17 players need 131072 evaluations a row; maxPlayers is 16. Raise maxPlayers/],
    [30, /1073741824 evaluations a row.*at most 24 players/],
    [70, /2\^70 evaluations/],
  ])('%i players', async (n, message) => {
    const failed = attribute(sum(n), 'shapley', { inputs: { x: row(new Array<number>(n).fill(1)) }, target: 0 });
    await expect(failed).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' });
    await expect(failed).rejects.toThrow(message);
  });

  test('maxPlayers moves it', async () => {
    const inputs = { x: row([1, 2, 3]) };
    const low = attribute(sum(3), 'shapley', { inputs, target: 0, params: { maxPlayers: 2 } });
    await expect(low).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' });
    const high = attribute(sum(3), 'shapley', { inputs, target: 0, params: { maxPlayers: 25 } });
    await expect(high).rejects.toMatchObject({ code: 'BAD_ARGUMENT' });
  });
});

test('a coalition whose target is not finite is named', async () => {
  // 1 / (x0 - x1): finite at both ends, not where both are equal.
  const failed = attribute(toyModel({ outputs: ['1/(x0-x1)'] }), 'shapley', {
    inputs: { x: row([3, 2]) },
    baseline: row([2, 1]),
    target: 0,
    featureMask: int64([2], [4, 9]),
  });
  await expect(failed).rejects.toMatchObject({ code: 'NON_FINITE', place: { row: 0 } });
  await expect(failed).rejects.toThrow(/in row 0 with players 9 at the input, the others at the baseline/);
});
