import { readFileSync } from 'node:fs';
import { float64, int64, toFloat64, type Tensor } from '@pathwise/model';
import { describe, expect, test } from 'vitest';
import { toyModel } from '../../model/testing/toy-model.ts';
import { attribute, type AttributionRequest } from '../src/index.ts';
import { conditionalOf, fitGaussian } from '../src/replacement/gaussian.ts';
import { compare } from '../src/replacement/quantity.ts';

interface Case {
  readonly name: string;
  readonly kind: string;
  readonly outputs: string[];
  readonly inputs: {
    readonly x: number[];
    readonly baselines: number[][];
    readonly mean: number[];
    readonly cov: number[][];
  };
  readonly expected: Record<string, number> & { readonly attributions: number[] };
}
const golden = JSON.parse(readFileSync(new URL('golden/effects.json', import.meta.url), 'utf8')) as { cases: Case[] };
const named = (name: string): Case =>
  golden.cases.find((c) => c.kind === 'prediction-difference' && c.name === name) as Case;
const row = (values: number[]): Tensor => float64([1, values.length], values);
const values = (t: Tensor | undefined): number[] => Array.from(toFloat64(t?.data ?? new Float64Array()));
const run = (model: ReturnType<typeof toyModel>, request: AttributionRequest) =>
  attribute(model, 'prediction-difference', { target: 0, ...request });

test('P5, three baselines: every row of the set once', async () => {
  const { outputs, inputs, expected } = named('P5, three baselines');
  const set = float64([3, 3], inputs.baselines.flat());
  const a = await run(toyModel({ outputs }), { inputs: { x: row(inputs.x) }, baseline: { set } });
  expect(values(a.attributions['x'])).toBeClose(expected.attributions, { atol: 1e-12 });
  expect(a.standardErrors).toBe(undefined);
  expect(a.evaluations).toEqual({ forward: 1 + 3 * 3, gradient: 0 });
});

describe('quantities', () => {
  const plain = { trained: 0, classes: 10 };

  test('p = 0.8 against samples 0.5 and 0.3: averaged first, compared after', () => {
    const { expected } = named('p = 0.8 against samples 0.5 and 0.3');
    const of = (quantity: 'difference' | 'log-odds' | 'information', trained = 0): number =>
      compare(0.8, 0.4, 0, { ...plain, quantity, trained }).value;
    expect(of('difference')).toBeClose(expected['difference'] ?? NaN, { atol: 1e-14 });
    expect(of('log-odds')).toBeClose(expected['logOdds'] ?? NaN, { atol: 1e-13 });
    expect(of('information')).toBeClose(expected['information'] ?? NaN, { atol: 1e-14 });
    expect(of('log-odds', 1000)).toBeClose(expected['logOddsLaplace'] ?? NaN, { atol: 1e-13 });
  });

  test('p = 1 at x', () => {
    const { expected } = named('p = 1 at x');
    const found = compare(1, 0.5, 0, { quantity: 'log-odds', trained: 1000, classes: 10 });
    expect(found.value).toBeClose(expected['logOddsLaplace'] ?? NaN, { atol: 1e-12 });
  });

  test.each(['log-odds', 'information'] as const)('%s: the standard error is that of the mean times the slope', (q) => {
    const options = { quantity: q, trained: 200, classes: 4 };
    const h = 1e-6;
    const slope = (compare(0.7, 0.3 + h, 0, options).value - compare(0.7, 0.3 - h, 0, options).value) / (2 * h);
    expect(compare(0.7, 0.3, 0.01, options).standardError).toBeClose(0.01 * Math.abs(slope), { rtol: 1e-8 });
  });

  test('from a request; the classes are those of the output', async () => {
    // p0 = 0.8 at x; 0.5 and 0.3 where x0 is replaced.
    const model = () => toyModel({ outputs: ['x0', '1-x0'] });
    const request = { inputs: { x: row([0.8]) }, baseline: { set: float64([2, 1], [0.5, 0.3]) } };
    const of = async (params: AttributionRequest['params']) =>
      values((await run(model(), { ...request, params })).attributions['x'])[0];
    const { expected } = named('p = 0.8 against samples 0.5 and 0.3');
    expect(await of({ quantity: 'log-odds', laplace: 0 })).toBeClose(expected['logOdds'] ?? NaN, { atol: 1e-12 });
    const corrected = (p: number): number => (p * 1000 + 1) / 1002;
    expect(await of({ quantity: 'information' })).toBeClose(Math.log2(corrected(0.8) / corrected(0.4)), {
      atol: 1e-12,
    });
    const a = await run(model(), { ...request, params: { quantity: 'log-odds' } });
    expect(a.target).toEqual(['log-odds of y[0], bits']);
  });

  test('what is no probability is refused before anything else is evaluated', async () => {
    const model = toyModel({ outputs: ['3*x0'] });
    const failed = run(model, { inputs: { x: row([1]) }, params: { quantity: 'information' } });
    await expect(failed).rejects.toThrow(/a target that is a probability.*--of probability/);
    expect(model.counters.forward).toBe(1);
  });
});

describe('marginal sampling', () => {
  const outputs = ['x0*x1-x2*x0+x1*x1'];
  const set = float64(
    [40, 3],
    Array.from({ length: 120 }, (_, i) => Math.sin(7 * i)),
  );
  const request = { inputs: { x: row([1, 2, -1]) }, baseline: { set } };
  const of = (params: AttributionRequest['params'], more: Partial<AttributionRequest> = {}) =>
    run(toyModel({ outputs }), { ...request, ...more, params });

  test('fewer samples than rows: an estimate within its standard errors', async () => {
    const truth = values((await of({ samples: 40 })).attributions['x']);
    const ratios: number[] = [];
    for (let seed = 0; seed < 60; seed++) {
      const a = await of({ samples: 8 }, { seed });
      const errors = values(a.standardErrors?.['x']);
      for (const [i, v] of values(a.attributions['x']).entries())
        ratios.push((v - (truth[i] ?? NaN)) / (errors[i] ?? NaN));
    }
    // Without replacement 8 of 40 rows are a little more accurate than 8 independent ones.
    const rms = Math.sqrt(ratios.reduce((sum, r) => sum + r * r, 0) / ratios.length);
    expect(rms).toBeGreaterThan(0.6);
    expect(rms).toBeLessThan(1.4);
  });

  test('the same bits alone, in a batch and for any byte budget', async () => {
    const whole = values((await of({ samples: 6 }, { seed: 2 })).attributions['x']);
    expect(values((await of({ samples: 6 }, { seed: 2, maxBytes: 2000 })).attributions['x'])).toEqual(whole);
    const inputs = { x: float64([2, 3], [5, 6, 7, 1, 2, -1]) };
    expect(values((await of({ samples: 6 }, { seed: 2, inputs })).attributions['x']).slice(3)).toEqual(whole);
    expect(values((await of({ samples: 6 }, { seed: 3 })).attributions['x'])).not.toEqual(whole);
  });

  test('of one row it is feature ablation; groups are replaced together', async () => {
    const featureMask = int64([3], [0, 4, 4]);
    const baseline = row([0.5, 1, 1]);
    const a = await run(toyModel({ outputs }), { inputs: request.inputs, baseline, featureMask });
    const b = await attribute(toyModel({ outputs }), 'feature-ablation', {
      inputs: request.inputs,
      baseline,
      featureMask,
      target: 0,
    });
    expect(a.perPlayer).toEqual(b.perPlayer);
  });

  test('weights are kept where all rows are taken, and refused where they are not', async () => {
    const weighted = { set: float64([2, 1], [0, 1]), weights: [0.75, 0.25] };
    const model = () => toyModel({ outputs: ['x0'] });
    const a = await run(model(), { inputs: { x: row([2]) }, baseline: weighted });
    expect(values(a.attributions['x'])).toBeClose([1.75], { atol: 1e-14 });
    const failed = run(model(), { inputs: { x: row([2]) }, baseline: weighted, params: { samples: 1 } });
    await expect(failed).rejects.toThrow(/at least 2, all of a set with weights/);
  });
});

describe('windows', () => {
  // Every window of 3 x 3 at stride 1: a pixel of 5 x 5 lies in (1, 2, 3, 2, 1) of them each way. With F = sum of i x_i,
  // an element's mean over its windows is the mean of the sums of i over them.
  test('the mean over the windows that hold a pixel', async () => {
    const outputs = [Array.from({ length: 25 }, (_, i) => `${i}*x${i}`).join('+')];
    const model = toyModel({ inputs: { x: [1, 5, 5] }, outputs });
    const inputs = { x: float64([1, 1, 5, 5], new Array<number>(25).fill(1)) };
    const a = await run(model, { inputs, params: { window: [3] } });
    expect(a.evaluations.forward).toBe(1 + 9);
    const [first, centre] = [values(a.attributions['x'])[0], values(a.attributions['x'])[12]];
    // The window at the corner: 0+1+2+5+6+7+10+11+12; the centre lies in all nine, whose middles average to 12.
    expect([first, centre]).toEqual([54, 9 * 12]);
  });
});

describe('conditional sampling', () => {
  test('conditional Gaussian', () => {
    const { inputs, expected } = named('conditional Gaussian');
    const gaussian = { mean: Float64Array.from(inputs.mean), covariance: Float64Array.from(inputs.cov.flat()) };
    const conditional = conditionalOf(gaussian, [0], [1, 2]);
    expect(Array.from(conditional.mean(Float64Array.of(4, 1)))).toBeClose([expected['mean'] ?? NaN], { atol: 1e-12 });
    expect(Array.from(conditional.covariance)).toBeClose([expected['variance'] ?? NaN], { atol: 1e-12 });
    // mean + L z with L L^T the covariance
    expect(Array.from(conditional.sample(Float64Array.of(2.5), Float64Array.of(2)))).toBeClose(
      [2.5 + 2 * 1.25 ** 0.5],
      {
        atol: 1e-12,
      },
    );
  });

  test('a fit has the moments of its samples', () => {
    const { mean, covariance } = fitGaussian(
      [0, 1, 2, 3].map((i) => Float64Array.of(i, i * i)),
      2,
    );
    expect(Array.from(mean)).toEqual([1.5, 3.5]);
    // Variances 1.25 and 12.25, covariance 3.75, and 1e-6 of the mean variance.
    expect(Array.from(covariance)).toBeClose([1.25, 3.75, 3.75, 12.25], { atol: 1e-5 });
  });

  // The binary table with p(0,0) = p(1,1) = 0.4: E[x0 | x1 = 1] = 0.8, also by the normal distribution of its moments.
  test('F(x) = x1, correlated x2', async () => {
    const { inputs, expected } = named('F(x) = x1, correlated x2') as Case & {
      expected: { marginal: number[]; conditional: number[] };
    };
    const rows = [...Array<number[]>(4).fill([0, 0]), ...Array<number[]>(4).fill([1, 1]), [0, 1], [1, 0]];
    const set = float64([10, 2], rows.flat());
    const marginal = await run(toyModel({ outputs: ['x0+0*x1'] }), { inputs: { x: row(inputs.x) }, baseline: { set } });
    expect(values(marginal.attributions['x'])).toBeClose(expected.marginal, { atol: 1e-12 });
    const gaussian = fitGaussian(
      rows.map((r) => Float64Array.from(r)),
      2,
    );
    const given = conditionalOf(gaussian, [0], [1]).mean(Float64Array.of(1))[0] ?? NaN;
    expect(1 - given).toBeClose(expected.conditional[0] ?? NaN, { atol: 1e-6 });
  });

  const table = Array.from({ length: 200 }, (_, i) => {
    const [a, b] = [Math.sin(3.7 * i), Math.cos(5.1 * i)];
    return [a, 0.9 * a + 0.1 * b, b];
  });
  const set = { set: float64([200, 3], table.flat()) };

  test('what the others predict changes little when it is replaced', async () => {
    const request = { inputs: { x: row([1, 0.9, 0]) }, baseline: set };
    const params = { sampling: 'conditional-gaussian', samples: 200 };
    const model = () => toyModel({ outputs: ['x0+x2'] });
    const a = await run(model(), { ...request, params });
    const b = await run(model(), { ...request, params: { samples: 200 } });
    const [conditional = NaN] = values(a.attributions['x']);
    const [marginal = NaN] = values(b.attributions['x']);
    expect(Math.abs(conditional)).toBeLessThan(0.2);
    expect(marginal).toBeGreaterThan(0.8);
    expect((values(a.standardErrors?.['x'])[0] ?? NaN) > 0).toBe(true);
    expect(values((await run(model(), { ...request, params, maxBytes: 2000 })).attributions['x'])).toEqual(
      values(a.attributions['x']),
    );
  });

  test('a smooth image: the middle of a patch is predicted by its border, also at the edge of the image', async () => {
    const ramp = (slope: number): number[] =>
      Array.from({ length: 64 }, (_, i) => slope * ((i % 8) + Math.floor(i / 8) + 1));
    const images = Array.from({ length: 6 }, (_, k) => ramp(k - 2.5)).flat();
    const inputs = { x: float64([1, 1, 8, 8], ramp(1)) };
    const outputs = [Array.from({ length: 64 }, (_, i) => `x${i}`).join('+')];
    const of = async (sampling: string) =>
      values(
        (
          await run(toyModel({ inputs: { x: [1, 8, 8] }, outputs }), {
            inputs,
            baseline: { set: float64([6, 1, 8, 8], images) },
            params: { sampling, window: [2], padding: 1, samples: 6 },
          })
        ).attributions['x'],
      );
    const [conditional, marginal] = [await of('conditional-gaussian'), await of('marginal')];
    expect(Math.max(...conditional.map(Math.abs))).toBeLessThan(1);
    expect(Math.max(...marginal)).toBeGreaterThan(10);
  });

  test.each<[string, Partial<AttributionRequest>, RegExp]>([
    ['one row', { baseline: row([0, 0, 0]) }, /a set of rows to learn a distribution from/],
    ['windows of a table', { params: { window: [2] } }, /one image, channels first/],
  ])('%s is refused', async (_, more, message) => {
    const failed = run(toyModel({ outputs: ['x0+x1+x2'] }), {
      inputs: { x: row([1, 2, 3]) },
      baseline: set,
      ...more,
      params: { ...more.params, sampling: 'conditional-gaussian' },
    });
    await expect(failed).rejects.toThrow(message);
  });
});
