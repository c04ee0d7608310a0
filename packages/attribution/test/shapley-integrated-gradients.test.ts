import { float64, int64, type ParamValue, type Progress } from '@pathwise/model';
import { expect, test } from 'vitest';
import { toyModel } from '../../model/testing/toy-model.ts';
import { attribute, type AttributionRequest } from '../src/index.ts';

const METHOD = 'shapley-integrated-gradients';
const CONTRIBUTIONS = ['set-mean', 'conditional', 'marginal'];
const ones = (size: number) => float64([1, size], new Array<number>(size).fill(1));

function run(output: string, size: number, mask: number[], more: Partial<AttributionRequest> = {}) {
  const model = toyModel({ inputs: { x: size }, outputs: [output] });
  const request = { inputs: { x: ones(size) }, featureMask: int64([size], mask), target: 0, steps: 4 };
  return attribute(model, METHOD, { ...request, ...more });
}

// From zeros to ones. Two players: dividends of order t carry 3t / (2 (t + 1)) in the set-mean and 1 + ... + 1/t in the
// conditional form, shared by t. Of x0 x1 + x2 the players (x0, x1) and x2 have dividend 1 each and none together; the
// players (x0, x2) and x1 have 1 and 0, and 1 together.
test.each<[string, number[], readonly number[]]>([
  ['set-mean', [0, 0, 1], [3 / 4, 3 / 4]],
  ['conditional', [0, 0, 1], [1, 1]],
  ['marginal', [0, 0, 1], [1, 1]],
  ['set-mean', [5, 8, 5], [3 / 4 + 1 / 2, 1 / 2]],
  ['conditional', [5, 8, 5], [1 + 3 / 4, 3 / 4]],
  ['marginal', [5, 8, 5], [1 + 1 / 2, 1 / 2]],
])(
  '%s of the groups %j: closed form, and every element carries the value of its player',
  async (how, mask, expected) => {
    for (const coalitions of ['sampled', 'all']) {
      const a = await run('x0*x1+x2', 3, mask, { params: { contribution: how, coalitions } });
      expect(a.perPlayer?.[0]).toBeClose(expected, { atol: 1e-12 });
      const ids = [...new Set(mask)].sort((p, q) => p - q);
      expect(a.attributions['x']?.data).toEqual(
        Float64Array.from(mask, (id) => a.perPlayer?.[0]?.[ids.indexOf(id)] ?? 0),
      );
      if (how !== 'conditional') expect(a.convergenceDelta).toBeClose([0], { atol: 1e-12 });
    }
  },
);

// Moving groups from zeros to ones is moving the variables of a model of the groups: the same rounds, the same numbers.
test.each(CONTRIBUTIONS)('%s: groups are the features of a model of the groups; -1 stays at the input', async (how) => {
  const request = { seed: 3, params: { contribution: how, rounds: 2 } satisfies Record<string, ParamValue> };
  const a = await run('x0*x1*x3+relu(x2-0.4*x4)*x3+x5*x1', 6, [0, 0, 2, 4, 7, -1], request);
  const model = toyModel({ inputs: { z: 4 }, outputs: ['z0*z0*z2+relu(z1-0.4*z3)*z2+z0'] });
  const b = await attribute(model, METHOD, { ...request, inputs: { z: ones(4) }, target: 0, steps: 4 });
  expect(a.perPlayer?.[0]).toBeClose(b.perPlayer?.[0] ?? [], { atol: 1e-12 });
  expect(a.outputAtBaseline).toBeClose(b.outputAtBaseline ?? [], { atol: 1e-12 });
  expect(a.attributions['x']?.data[5]).toBe(0);
  expect(a.standardErrors?.['x']?.data[0]).toBe(a.standardErrors?.['x']?.data[1]);
  expect(a.evaluations).toEqual(b.evaluations);
});

// More elements than are held at once. Without coupling between groups beyond the first four elements, the numbers are
// those of the golden case "SIG one round, 4 players, set-mean".
test('a wide input: paths are held a few at a time, progress goes on', async () => {
  const size = 90_000;
  const seen: Progress[] = [];
  const a = await run(
    'x0*x1+x2*x3*x0',
    size,
    Array.from({ length: size }, (_, i) => i % 4),
    {
      seed: 42,
      onProgress: (p) => seen.push(p),
    },
  );
  const expected = [0.7291666666666666, 0.4062499999999999, 0.32291666666666663, 0.29166666666666663];
  expect(a.perPlayer?.[0]).toBeClose(expected, { atol: 1e-12 });
  expect(a.evaluations.gradient).toBe(13 * 4);
  expect(seen.every(({ done }, i) => i === 0 || done >= (seen[i - 1]?.done ?? 0))).toBe(true);
  expect(seen.at(-1)?.done).toBe(seen.at(-1)?.total);
});

test('rows differ in inputs, targets and baselines; each is what it is alone', async () => {
  const model = toyModel({ inputs: { x: 3 }, outputs: ['x0*x1+x2', 'relu(x0-x1)*x2'] });
  const x = [1, 2, -1, 0.5, -1, 2];
  const shared = { baseline: 0.25, featureMask: int64([3], [1, 0, 1]), steps: 4, seed: 9 };
  const both = await attribute(model, METHOD, {
    ...shared,
    inputs: { x: float64([2, 3], x) },
    target: { perRow: [0, 1] },
  });
  for (const row of [0, 1]) {
    const inputs = { x: float64([1, 3], x.slice(3 * row, 3 * row + 3)) };
    const alone = await attribute(model, METHOD, { ...shared, inputs, target: row });
    expect(both.perPlayer?.[row]).toEqual(alone.perPlayer?.[0]);
  }
});

test('a stated error is that of the players; too many of them are refused with advice', async () => {
  const a = await run('relu(x0+x1-1)*x2', 3, [0, 1, 1], { steps: undefined, tolerance: 0.02 });
  expect(a.error?.[0]).toBeLessThanOrEqual(0.05);
  expect(a.error?.[0]).toBeGreaterThan(0);
  const scaled = await run('1000*relu(x0+x1-1)*x2', 3, [0, 1, 1], { steps: undefined, tolerance: 0.02 });
  expect(scaled.error).toBeClose(a.error ?? [], { rtol: 1e-9 });
  expect(a.errorMet).toEqual([true]);
  const each = Array.from({ length: 65 }, (_, i) => i);
  await expect(run('x0', 65, each)).rejects.toThrow(/expected at most 64 for players, got 65. Group features with a/);
  await expect(run('x0', 65, each, { params: { coalitions: 'all' } })).rejects.toThrow(
    /at most 12 .*Sample coalitions/,
  );
  expect((await run('x0', 65, [0, ...new Array<number>(64).fill(1)])).perPlayer?.[0]).toBeClose([3 / 4, 0], {
    atol: 1e-12,
  });
});

// F = (a + 2 c)(b - d) of the tokens (a, b), (c, d) = (1, 2), (3, -1) from zeros: 2 and 6 alone, 21 together, of which
// 13 belong to both. Marginal: 2 + 13/2 and 6 + 13/2.
test('without a mask the players of a text are its tokens', async () => {
  const table = [0, 0, 1, 2, 3, -1];
  const model = toyModel({
    embeddings: { ids: { table: [table.slice(0, 2), table.slice(2, 4), table.slice(4)], tokens: 2, output: 'e' } },
    outputs: ['(e0+2*e2)*(e1-e3)'],
  });
  const request = { inputs: { ids: int64([1, 2], [1, 2]) }, baseline: { id: 0 }, target: 0, steps: 4 };
  const a = await attribute(model, METHOD, { ...request, params: { contribution: 'marginal' } });
  expect(a.perPlayer?.[0]).toBeClose([8.5, 12.5], { atol: 1e-12 });
  expect(a.attributions['e']?.data).toBeClose([8.5, 8.5, 12.5, 12.5], { atol: 1e-12 });
  // From nobody integrated gradients (8.5, 12.5), weight 1/2; with the other present 15 and 19, weight 1/4 each.
  const mean = await attribute(model, METHOD, request);
  expect(mean.perPlayer?.[0]).toBeClose([8, 11], { atol: 1e-12 });
});
