import { readFileSync } from 'node:fs';
import { float64, int64, toFloat64, type Tensor } from '@pathwise/model';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toyModel } from '../../model/testing/toy-model.ts';
import { weightsWithout } from '../src/coalitions/drawn-design.ts';
import { kernelDesign } from '../src/coalitions/kernel-design.ts';
import { kernelSolver } from '../src/coalitions/kernel-regression.ts';
import { shapleyValues } from '../src/coalitions/shapley-values.ts';
import { attribute, type AttributionRequest } from '../src/index.ts';

interface Design {
  readonly kind: string;
  readonly inputs: { readonly players: number; readonly v: number[] };
  readonly params: { readonly coalitions: number[] };
  readonly expected: { readonly attributions: number[] };
}
const golden = JSON.parse(readFileSync(new URL('golden/coalitions.json', import.meta.url), 'utf8')) as {
  cases: Design[];
};
const row = (values: number[]): Tensor => float64([1, values.length], values);
const values = (t: Tensor | undefined): number[] => Array.from(toFloat64(t?.data ?? new Float64Array()));
const bitsOf = (mask: number, players: number): Uint8Array =>
  Uint8Array.from({ length: players }, (_, i) => (mask >> i) & 1);
const maskOf = (coalition: Uint8Array): number => coalition.reduce((mask, present, i) => mask | (present << i), 0);
const sum = (list: ArrayLike<number>): number => Array.from(list).reduce((a, b) => a + b, 0);

describe('regression', () => {
  test('a paired design is exact for interactions of two, whatever the weights', () => {
    const { inputs, params, expected } = golden.cases.find(({ kind }) => kind === 'design') as Design;
    const { players, v } = inputs;
    const coalitions = params.coalitions.map((mask) => bitsOf(mask, players));
    const [none, all] = [v[0] as number, v.at(-1) as number];
    for (const seed of [1, 2]) {
      const weights = Float64Array.from(
        params.coalitions,
        (mask) => 1 + Math.sin(seed * Math.min(mask, 63 - mask)) / 2,
      );
      const solve = kernelSolver(players, coalitions, weights, 0);
      const phi = solve?.((k) => (v[params.coalitions[k] ?? 0] ?? NaN) - none, all - none);
      expect(Array.from(phi ?? [])).toBeClose(expected.attributions, { atol: 1e-12 });
    }
  });

  test('over all coalitions it gives the Shapley values', () => {
    const games = fc
      .integer({ min: 1, max: 7 })
      .chain((n) => fc.array(fc.integer({ min: -40, max: 40 }), { minLength: 2 ** n, maxLength: 2 ** n }));
    fc.assert(
      fc.property(games, (v) => {
        const players = Math.log2(v.length);
        const { coalitions, weights } = kernelDesign(players, v.length - 2, 0);
        expect(new Set(coalitions.map(maskOf)).size).toBe(v.length - 2);
        const solve = kernelSolver(players, coalitions, weights, 0);
        const at = (mask: number): number => v[mask] ?? NaN;
        const phi = solve?.((k) => at(maskOf(coalitions[k] ?? new Uint8Array())) - at(0), at(v.length - 1) - at(0));
        expect(Array.from(phi ?? [])).toBeClose(Array.from(shapleyValues(Float64Array.from(v), players)), {
          atol: 1e-9,
        });
      }),
      { seed: 7 },
    );
  });

  test('coalitions that do not determine the values give no answer', () => {
    const coalitions = [1, 14, 3, 12].map((mask) => bitsOf(mask, 4));
    expect(kernelSolver(4, coalitions, new Float64Array(4).fill(0.25), 0)).toBe(null);
  });

  test('an infinite ridge shares alike', () => {
    const solve = kernelSolver(
      3,
      [1, 2, 4].map((mask) => bitsOf(mask, 3)),
      new Float64Array(3).fill(1 / 3),
      1e12,
    );
    expect(Array.from(solve?.((k) => k, 6) ?? [])).toBeClose([2, 2, 2], { atol: 1e-9 });
  });
});

describe('design', () => {
  // Shells of 6 players: sizes 1 and 5 (12 coalitions, weight 2/5), 2 and 4 (30, 2/8), 3 (20, 1/9); 137/180 in all.
  test('outer sizes are taken whole, with the weights of the kernel', () => {
    const { coalitions, weights } = kernelDesign(6, 62, 0);
    const kernel = coalitions.map((c) => {
      const size = sum(c);
      return 1 / ([6, 15, 20, 15, 6][size - 1] ?? NaN) / (size * (6 - size));
    });
    expect(Array.from(weights)).toBeClose(
      kernel.map((k) => k / sum(kernel)),
      { atol: 1e-15 },
    );
    const some = kernelDesign(6, 24, 0);
    const sizes = some.coalitions.map(sum);
    expect(sizes.slice(0, 12).every((size) => size === 1 || size === 5)).toBe(true);
    expect(sizes.slice(12).every((size) => size > 1 && size < 5)).toBe(true);
    expect(some.coalitions.length).toBe(24);
    expect(sum(some.weights)).toBeClose(1, { atol: 1e-12 });
    expect(sum(some.weights.slice(0, 12))).toBeClose(2 / 5 / (137 / 180), { atol: 1e-12 });
  });

  test('drawn coalitions come with their complements, each once, merged when drawn again', () => {
    const design = kernelDesign(10, 200, 3);
    const { coalitions, draws, weights } = design;
    const masks = coalitions.map(maskOf);
    expect(new Set(masks).size).toBe(masks.length);
    for (const [one = 0, other = 0] of draws) {
      expect((masks[one] ?? 0) + (masks[other] ?? 0)).toBe(1023);
      expect(weights[one]).toBe(weights[other]);
    }
    const without = weightsWithout(design, (draw) => draw % 10 === 0);
    expect(sum(without)).toBeClose(1, { atol: 1e-12 });
  });
});

const OUTPUT = 'tanh(x0+x1-x2)*x3+relu(x4-x5*x6)*x7-x0*x6+relu(x1+x2-x7)';
const X = [0.5, 1.2, -0.3, 2, 1.5, 0.7, -1.1, 0.9];
const run = (method: string, params: AttributionRequest['params'] = {}, more: Partial<AttributionRequest> = {}) =>
  attribute(toyModel({ outputs: [OUTPUT] }), method, { inputs: { x: row(X) }, target: 0, params, ...more });

describe('attributions', () => {
  test('exact by default for few players', async () => {
    const [a, b] = [await run('kernel-shap'), await run('shapley')];
    expect(values(a.attributions['x'])).toBeClose(values(b.attributions['x']), { atol: 1e-9 });
    expect(a.exact).toBe(true);
    expect(a.standardErrors).toBe(undefined);
    expect(a.evaluations).toEqual({ forward: 256, gradient: 0 });
    expect(a.params['samples']).toBe(254);
  });

  test('sampled: complete, and near the exact values for its standard errors', async () => {
    const truth = values((await run('shapley')).attributions['x']);
    const ratios: number[] = [];
    for (let seed = 0; seed < 40; seed++) {
      const a = await run('kernel-shap', { samples: 120 }, { seed });
      expect(a.convergenceDelta).toBeClose([0], { atol: 1e-12 });
      expect(a.exact).toBe(undefined);
      const errors = values(a.standardErrors?.['x']);
      for (const [i, value] of values(a.attributions['x']).entries())
        ratios.push((value - (truth[i] ?? NaN)) / (errors[i] ?? NaN));
    }
    // The root mean square of error / standard error is 1 where these are right.
    const rms = Math.sqrt(sum(ratios.map((r) => r * r)) / ratios.length);
    expect(rms).toBeGreaterThan(0.3);
    expect(rms).toBeLessThan(1.6);
  });

  test('the same bits in tiles and batches; another seed, another estimate', async () => {
    const of = async (more: Partial<AttributionRequest>) => {
      const a = await run('kernel-shap', { samples: 60 }, more);
      return [...values(a.attributions['x']), ...values(a.standardErrors?.['x'])];
    };
    const whole = await of({ seed: 5 });
    expect(await of({ seed: 5, maxBytes: 2000 })).toEqual(whole);
    expect(await of({ seed: 6 })).not.toEqual(whole);
    const batch = await run(
      'kernel-shap',
      { samples: 60 },
      { seed: 5, inputs: { x: float64([2, 8], [...X.map((v) => -v), ...X]) } },
    );
    expect(values(batch.attributions['x']).slice(8)).toEqual(whole.slice(0, 8));
  });

  test('one player has the whole change', async () => {
    const a = await run('kernel-shap', {}, { featureMask: int64([8], new Array<number>(8).fill(0)) });
    expect(a.perPlayer?.[0]).toBeClose([(a.outputAtInput[0] ?? NaN) - (a.outputAtBaseline?.[0] ?? NaN)], { atol: 0 });
  });

  test('one drawn pair beside a whole shell: not exact, and no error is stated', async () => {
    const featureMask = int64([8], [0, 0, 1, 1, 2, 2, 3, 3]);
    const a = await run('kernel-shap', { samples: 11 }, { featureMask });
    expect(a.params['samples']).toBe(8 + 2);
    expect(a.exact).toBe(undefined);
    expect(a.standardErrors).toBe(undefined);
    expect(a.warnings.map(({ code }) => code)).toContain('no-standard-errors');
  });

  test('too few coalitions, too many players', async () => {
    await expect(run('kernel-shap', { samples: 5 })).rejects.toThrow(/at least 14, better many more, for 8 players/);
    const many = attribute(toyModel({ outputs: ['x0+x599'] }), 'kernel-shap', {
      inputs: { x: row(new Array<number>(600).fill(1)) },
      target: 0,
    });
    await expect(many).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' });
  });
});

test('a row that is accurate enough takes no more draws; which others there are does not matter', async () => {
  const outputs = ['3*x0+x1*x2-x3*x4+x5*x6*0.5+x7+tanh(x8+x9)+x10*x11+x12'];
  const x = Array.from({ length: 13 }, (_, i) => 1 + (i % 3));
  const of = async (rows: number[][], tolerance: number) =>
    attribute(toyModel({ outputs }), 'kernel-shap', {
      inputs: { x: float64([rows.length, 13], rows.flat()) },
      target: 0,
      params: { samples: 1000, tolerance },
    });
  const [stopped, whole] = [await of([x], 0.02), await of([x], 0)];
  expect(whole.params['samples']).toBe(1000);
  expect(stopped.params['samples']).toBeLessThan(400);
  expect(stopped.evaluations.forward).toBe(2 + Number(stopped.params['samples']));
  expect(values(stopped.attributions['x'])).toBeClose(values(whole.attributions['x']), { atol: 0.05 });
  const both = await of([x.map((v) => -2 * v), x], 0.02);
  expect(values(both.attributions['x']).slice(13)).toEqual(values(stopped.attributions['x']));
});
