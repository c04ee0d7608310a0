import { float64, int64, toFloat64, type Tensor } from '@pathwise/model';
import { describe, expect, test } from 'vitest';
import { toyModel } from '../../model/testing/toy-model.ts';
import { ordersOf } from '../src/coalitions/orders.ts';
import { attribute, type AttributionRequest } from '../src/index.ts';

const row = (values: number[]): Tensor => float64([1, values.length], values);
const values = (t: Tensor | undefined): number[] => Array.from(toFloat64(t?.data ?? new Float64Array()));

// Eight players with interactions of all orders up to five.
const OUTPUT = 'tanh(x0+x1-x2)*x3+relu(x4-x5*x6)*x7-x0*x6+relu(x1+x2-x7)';
const X = [0.5, 1.2, -0.3, 2, 1.5, 0.7, -1.1, 0.9];
const run = (params: AttributionRequest['params'], more: Partial<AttributionRequest> = {}) =>
  attribute(toyModel({ outputs: [OUTPUT] }), 'shapley-sampling', {
    inputs: { x: row(X) },
    target: 0,
    ...(params && { params }),
    ...more,
  });
const exact = async (): Promise<number[]> =>
  values(
    (await attribute(toyModel({ outputs: [OUTPUT] }), 'shapley', { inputs: { x: row(X) }, target: 0 })).attributions[
      'x'
    ],
  );

// Orders of 6 players with seed 42 and the stream of coalitions, from the definition of the generator.
test('orders', () => {
  expect(ordersOf('none', 6, 42, 0)).toEqual([[1, 2, 3, 0, 5, 4]]);
  expect(ordersOf('antithetic', 6, 42, 1)).toEqual([
    [3, 1, 0, 4, 2, 5],
    [5, 2, 4, 0, 1, 3],
  ]);
  const block = ordersOf('cyclic', 6, 42, 0);
  expect(block.length).toBe(6);
  for (let place = 0; place < 6; place++) expect(new Set(block.map((order) => order[place])).size).toBe(6);
});

describe('estimates', () => {
  test.each(['antithetic', 'cyclic', 'none'])(
    '%s: within four standard errors of the exact values',
    async (pairing) => {
      const a = await run({ pairing, samples: 4000, tolerance: 0 });
      const errors = values(a.standardErrors?.['x']);
      const truth = await exact();
      for (const [i, value] of values(a.attributions['x']).entries()) {
        expect(Math.abs(value - (truth[i] ?? NaN))).toBeLessThanOrEqual(4 * (errors[i] ?? NaN) + 1e-12);
      }
      expect(Math.max(...errors)).toBeGreaterThan(0);
      expect(a.convergenceDelta).toBeClose([0], { atol: 1e-12 });
      expect(a.seed).toBe(0);
    },
  );

  test('a single pair sums to the change; it shows no spread', async () => {
    const a = await run({ samples: 2 });
    expect(a.convergenceDelta).toBeClose([0], { atol: 1e-12 });
    expect(a.standardErrors).toBe(undefined);
    expect(a.warnings.map(({ code }) => code)).toEqual(['no-standard-errors']);
    expect(a.evaluations).toEqual({ forward: 2 + 2 * 7, gradient: 0 });
  });

  // Without interactions of three or more players an order and its reverse give the Shapley value (Mitchell et al. 2022).
  test('one antithetic pair is exact for interactions of two', async () => {
    const model = () => toyModel({ outputs: ['x0*x1-2*x1*x2+x2*x3+x3'] });
    const request = { inputs: { x: row([1, 2, 3, 4]) }, baseline: row([0, 1, -1, 2]), target: 0 };
    const pair = await attribute(model(), 'shapley-sampling', { ...request, params: { samples: 2 }, seed: 9 });
    const all = await attribute(model(), 'shapley', request);
    expect(values(pair.attributions['x'])).toBeClose(values(all.attributions['x']), { atol: 1e-12 });
  });

  test('one player needs no orders', async () => {
    const a = await run({}, { featureMask: int64([8], new Array<number>(8).fill(3)) });
    expect(a.perPlayer?.[0]?.[0]).toBeClose((a.outputAtInput[0] ?? NaN) - (a.outputAtBaseline?.[0] ?? NaN), {
      atol: 1e-12,
    });
    expect(a.evaluations.forward).toBe(2);
  });

  test('an unchanged feature has exactly 0, with no error', async () => {
    const a = await run({}, { inputs: { x: row([0, ...X.slice(1)]) } });
    expect(values(a.attributions['x'])[0]).toBe(0);
    expect(values(a.standardErrors?.['x'])[0]).toBe(0);
  });
});

describe('stopping', () => {
  test('at the tolerance, after a multiple of 16 pairs; never with tolerance 0', async () => {
    const early = await run({ samples: 100_000, tolerance: 0.05 });
    const orders = (early.evaluations.forward - 2) / 7;
    expect(orders % 32).toBe(0);
    expect(orders).toBeLessThan(100_000);
    const phi = values(early.attributions['x']);
    const largest = Math.max(...values(early.standardErrors?.['x']));
    expect(largest).toBeLessThanOrEqual(0.05 * (Math.max(...phi) - Math.min(...phi)));
    const whole = await run({ samples: 50, tolerance: 0 });
    expect(whole.evaluations.forward).toBe(2 + 50 * 7);
  });

  test('a row stops by itself', async () => {
    const other = [0, 0, 0, 0, 0.1, 0, 0, 5];
    const both = await run({ samples: 2000 }, { inputs: { x: float64([2, 8], [...X, ...other]) } });
    const [first, second] = [await run({ samples: 2000 }), await run({ samples: 2000 }, { inputs: { x: row(other) } })];
    expect(values(both.attributions['x'])).toEqual([
      ...values(first.attributions['x']),
      ...values(second.attributions['x']),
    ]);
    expect(both.evaluations.forward).toBe(first.evaluations.forward + second.evaluations.forward);
    expect(first.evaluations.forward).not.toBe(second.evaluations.forward);
  });
});

describe('reproducing', () => {
  test('the same bits in tiles of 1, 7 and all; another seed, another estimate', async () => {
    const of = async (more: Partial<AttributionRequest>) =>
      values((await run({ samples: 40 }, more)).attributions['x']);
    const whole = await of({ seed: 5 });
    expect(await of({ seed: 5, maxBytes: 2000 })).toEqual(whole);
    expect(await of({ seed: 5, maxBytes: 14_000 })).toEqual(whole);
    expect(await of({ seed: 6 })).not.toEqual(whole);
    expect((await run({ samples: 4 }, { seed: 5 })).seed).toBe(5);
  });

  test('cancelled between tiles; progress reaches its total', async () => {
    const controller = new AbortController();
    const half = run({}, { maxBytes: 2000, signal: controller.signal, onProgress: () => controller.abort() });
    await expect(half).rejects.toMatchObject({ code: 'CANCELLED' });
    const seen: number[][] = [];
    await run({ samples: 64, tolerance: 0 }, { onProgress: ({ done, total }) => seen.push([done, total]) });
    expect(seen.at(-1)).toEqual([64, 64]);
  });
});

test('too few samples for a block', async () => {
  const failed = run({ pairing: 'cyclic', samples: 7 });
  await expect(failed).rejects.toMatchObject({ code: 'BAD_ARGUMENT' });
  await expect(failed).rejects.toThrow(/at least 8 with pairing=cyclic and 8 players/);
});
