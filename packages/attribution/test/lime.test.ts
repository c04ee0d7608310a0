import { float64, int64, toFloat64, type Tensor } from '@pathwise/model';
import { describe, expect, test } from 'vitest';
import { toyModel } from '../../model/testing/toy-model.ts';
import { attribute, type AttributionRequest } from '../src/index.ts';

const row = (values: number[]): Tensor => float64([1, values.length], values);
const values = (t: Tensor | undefined): number[] => Array.from(toFloat64(t?.data ?? new Float64Array()));

const OUTPUT = 'tanh(x0+x1-x2)*x3+relu(x4-x5*x6)*x7-x0*x6+relu(x1+x2-x7)';
const X = [0.5, 1.2, -0.3, 2, 1.5, 0.7, -1.1, 0.9];
const run = (params: AttributionRequest['params'], more: Partial<AttributionRequest> = {}, outputs = [OUTPUT]) =>
  attribute(toyModel({ outputs }), 'lime', { inputs: { x: row(X) }, target: 0, params, ...more });

describe('over all coalitions', () => {
  // A product kernel gives each player of a dividend of k players the share q^(k - 1), q = 1 / (1 + exp(-1 / width^2)),
  // and nobody else any: F = 3 a + 2 b c + 5 a b c d has the dividends 3, 2 and 5 at 1, 1, 1, 1 from 0.
  test.each([0.4, 1, 3])('width %d: dividends are shared by q^(k - 1)', async (width) => {
    const a = await run({ width }, { inputs: { x: row([1, 1, 1, 1]) } }, ['3*x0+2*x1*x2+5*x0*x1*x2*x3']);
    const q = 1 / (1 + Math.exp(-1 / width ** 2));
    const all = 5 * q ** 3;
    expect(values(a.attributions['x'])).toBeClose([3 + all, 2 * q + all, 2 * q + all, all], { atol: 1e-12 });
    expect(a.exact).toBe(true);
    expect(a.evaluations).toEqual({ forward: 16, gradient: 0 });
    expect(a.params).toMatchObject({ samples: 16, width });
  });

  test('a wide kernel gives Banzhaf values, a narrow one occlusion', async () => {
    const x = { inputs: { x: row([1, 1, 1]) } };
    const outputs = ['8*x0*x1*x2'];
    expect(values((await run({ width: 1e4 }, x, outputs)).attributions['x'])).toBeClose([2, 2, 2], { atol: 1e-6 });
    expect(values((await run({ width: 0.3 }, x, outputs)).attributions['x'])).toBeClose([8, 8, 8], { atol: 1e-3 });
  });

  test('the default width is that of the authors, 0.75 times the root of the number of players', async () => {
    const a = await run({}, { inputs: { x: row([1, 2, 3, 4]) } }, ['x0*x1+x2*x3']);
    expect(a.params['width']).toBeClose(1.5, { atol: 1e-15 });
  });

  test('a ridge draws the slopes to 0', async () => {
    const [free, held] = [await run({}), await run({ ridge: 10 })];
    const size = (t: Tensor | undefined): number => values(t).reduce((sum, v) => sum + Math.abs(v), 0);
    expect(size(held.attributions['x'])).toBeLessThan(0.1 * size(free.attributions['x']));
  });
});

describe('drawn coalitions', () => {
  test('near the slopes over all coalitions for their standard errors', async () => {
    const truth = values((await run({ width: 1 })).attributions['x']);
    const ratios: number[] = [];
    for (let seed = 0; seed < 40; seed++) {
      const a = await run({ width: 1, samples: 150 }, { seed });
      expect(a.exact).toBe(undefined);
      const errors = values(a.standardErrors?.['x']);
      for (const [i, v] of values(a.attributions['x']).entries())
        ratios.push((v - (truth[i] ?? NaN)) / (errors[i] ?? NaN));
    }
    // The root mean square of error / standard error is 1 where these are right.
    const rms = Math.sqrt(ratios.reduce((sum, r) => sum + r * r, 0) / ratios.length);
    expect(rms).toBeGreaterThan(0.6);
    expect(rms).toBeLessThan(1.6);
  });

  test('the same bits for any byte budget and in a batch; another seed, another estimate', async () => {
    const of = async (more: Partial<AttributionRequest>) =>
      values((await run({ samples: 120 }, { seed: 3, ...more })).attributions['x']);
    const whole = await of({});
    expect(await of({ maxBytes: 2000 })).toEqual(whole);
    expect(await of({ seed: 4 })).not.toEqual(whole);
    expect((await of({ inputs: { x: float64([2, 8], [...X.map((v) => -v), ...X]) } })).slice(8)).toEqual(whole);
  });

  test('a row that is accurate enough takes no more draws', async () => {
    const linear = ['x0+2*x1-x2+x3+x4-x5+x6+0.5*x7'];
    const a = await run({ samples: 200 }, {}, linear);
    const b = await run({ samples: 200, tolerance: 0 }, {}, linear);
    // F(x), F(x') and 64 coalitions at most, and the images of nobody and of eight players.
    expect(a.evaluations.forward).toBeLessThanOrEqual(2 + 64 + 9);
    expect(b.evaluations.forward).toBeGreaterThan(a.evaluations.forward);
    expect(values(a.attributions['x'])).toBeClose(values(b.attributions['x']), { atol: 1e-10 });
  });
});

test('a kernel so narrow that players are never absent is refused before anything is evaluated', async () => {
  const model = toyModel({ outputs: [OUTPUT] });
  const failed = attribute(model, 'lime', { inputs: { x: row(X) }, target: 0, params: { width: 0.1, samples: 100 } });
  await expect(failed).rejects.toThrow(/more samples, or a larger width than 0.1/);
  expect(model.counters.forward).toBe(1);
});

test('groups are players', async () => {
  const a = await run({}, { featureMask: int64([8], [0, 0, 0, 0, 5, 5, 5, 5]) });
  expect(a.players?.count).toBe(2);
  const [first = NaN] = values(a.attributions['x']);
  expect(values(a.attributions['x']).slice(0, 4)).toEqual([first, first, first, first]);
});
