import { readFileSync } from 'node:fs';
import { float64, toFloat64, type Attribution, type GradientRequest } from '@pathwise/model';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toyModel, type ToyModel } from '../../model/testing/toy-model.ts';
import { attribute, type AttributionRequest, type PartialAttribution } from '../src/index.ts';

interface Case {
  readonly name: string;
  readonly params: { readonly tolerance: number | number[]; readonly maxEvaluations?: number };
  readonly expected: {
    readonly evaluations: number;
    readonly rounds: number;
    readonly attribution: number | number[];
    readonly error: number;
    readonly convergenceDelta: number;
    readonly nodes?: number[];
    readonly firstRound?: { readonly evaluations: number; readonly attribution: number; readonly error: number };
  };
}
const golden = JSON.parse(readFileSync(new URL('golden/adaptive.json', import.meta.url), 'utf8')) as { cases: Case[] };

/** The cases' functions of alpha, as functions of x with baseline 0. */
const FUNCTIONS: readonly (readonly [name: string, algebra: string, x: readonly number[]])[] = [
  ['linear', 'x0', [1]],
  ['square', 'x0**2', [1]],
  ['cubic', 'x0**3', [1]],
  ['kink at 1/3', 'relu(x0-1/3)', [1]],
  ['bias-free ReLU', 'relu(x0)', [1]],
  ['1 - relu(1 - x)', '1-relu(1-x0)', [2]],
  ['kink at 1/8', 'relu(x0-0.125)', [1]],
  ['two opposite kinks', 'relu(x0-0.3)-relu(x1-0.3)', [1, 1]],
  ['step hidden', 'x0+sigmoid(2000*(x0-0.3))', [1]],
];

const functionOf = (name: string): readonly [string, string, readonly number[]] =>
  FUNCTIONS.find(([prefix]) => name.startsWith(prefix)) as readonly [string, string, readonly number[]];

const ig = (model: ToyModel, x: readonly number[], more: Partial<AttributionRequest>): Promise<Attribution> =>
  attribute(model, 'integrated-gradients', { inputs: { x: float64([1, x.length], x) }, target: 0, ...more });

const values = (a: Attribution): number[] => Array.from(a.attributions['x']?.data ?? [], Number);

/** Remembers the positions of all gradient evaluations, in units of the path of the first feature. */
function watch(model: ToyModel, end: number): { rounds: number; alphas: number[] } {
  const seen = { rounds: 0, alphas: [] as number[] };
  const gradient = model.gradient.bind(model);
  model.gradient = (request: GradientRequest, options) => {
    const [feed] = [request.feeds['x'] ?? request.feeds['y']];
    const width = feed?.shape[1] ?? 1;
    const data = toFloat64(feed?.data ?? new Float64Array());
    seen.rounds++;
    seen.alphas.push(...data.filter((_, i) => i % width === 0).map((v) => v / end));
    return gradient(request, options);
  };
  return seen;
}

const table = golden.cases.filter(({ name }) => name !== 'x equals the baseline');

describe('adaptive trapezoid, closed forms', () => {
  test.each(table)('$name', async ({ name, params, expected }) => {
    const [, algebra, x] = functionOf(name);
    const tolerance = Array.isArray(params.tolerance) ? (params.tolerance[1] ?? 0) : params.tolerance;
    const model = toyModel({ outputs: [algebra] });
    const seen = watch(model, x[0] ?? 1);
    const a = await ig(model, x, { tolerance, maxEvaluations: params.maxEvaluations });
    expect(a.evaluations.gradient).toBe(expected.evaluations);
    expect(seen.rounds).toBe(expected.rounds);
    expect(values(a)).toBeClose([expected.attribution].flat(), { rtol: 1e-12 });
    expect(a.error).toBeClose([expected.error], { rtol: 1e-9, atol: 1e-15 });
    expect(a.errorMet).toEqual([true]);
    if (expected.convergenceDelta !== undefined) {
      expect(a.convergenceDelta).toBeClose([expected.convergenceDelta], { atol: 1e-15 });
    }
    if (expected.nodes !== undefined) expect(seen.alphas.toSorted((p, q) => p - q)).toEqual(expected.nodes);
  });

  // Nine nodes miss the step: only the change of F between two nodes shows it.
  test('a step hidden between the first nodes is stated as an error of 1', async () => {
    const { expected } = golden.cases.find(({ name }) => name.startsWith('step hidden')) as Case;
    const [, algebra, x] = functionOf('step hidden');
    const a = await ig(toyModel({ outputs: [algebra] }), x, { tolerance: 0.05, maxEvaluations: 9 });
    expect(values(a)).toBeClose([expected.firstRound?.attribution ?? NaN], { atol: 1e-12 });
    expect(a.error).toBeClose([expected.firstRound?.error ?? NaN], { atol: 1e-12 });
    expect(a.errorMet).toEqual([false]);
    expect(a.warnings.map(({ code }) => code)).toContain('tolerance-not-met');
  });

  // The same case: what the first nine nodes give is handed over as soon as it is known.
  test('rounds hand over partial results, the rows that are done with them', async () => {
    const { expected } = golden.cases.find(({ name }) => name.startsWith('step hidden')) as Case;
    const partials: PartialAttribution[] = [];
    const model = toyModel({ outputs: ['x0+sigmoid(2000*(x0-0.3))'] });
    const a = await attribute(model, 'integrated-gradients', {
      inputs: { x: float64([2, 1], [1, 0]) },
      target: 0,
      tolerance: 0.05,
      onPartial: (partial) => partials.push(partial),
    });
    expect(partials).toHaveLength(expected.rounds - 1);
    expect(partials[0].attributions['x']?.data).toBeClose([expected.firstRound?.attribution ?? NaN, 0], {
      atol: 1e-12,
    });
    expect(partials[0].error).toBeClose([expected.firstRound?.error ?? NaN, 0], { atol: 1e-12 });
    expect(values(a)).toBeClose([Array.of(expected.attribution).flat()[0], 0], { atol: 1e-12 });
  });

  test('x equals the baseline: zeros, one forward, no gradient', async () => {
    const model = toyModel({ outputs: ['x0*x1+x2'] });
    const a = await ig(model, [1, 2, 3], { baseline: float64([1, 3], [1, 2, 3]), tolerance: 0.01 });
    expect(values(a)).toEqual([0, 0, 0]);
    expect([a.error, a.convergenceDelta, a.relativeDelta]).toEqual([[0], [0], [0]]);
    expect(a.evaluations).toEqual({ forward: 1, gradient: 0 });
  });
});

describe('stated error', () => {
  // Random two-layer ReLU networks against exact mode, which follows the breakpoints.
  test('holds on random ReLU networks', async () => {
    const weight = fc.integer({ min: -20, max: 20 }).map((w) => w / 8);
    const network = fc.record({
      inner: fc.array(fc.tuple(weight, weight, weight), { minLength: 6, maxLength: 6 }),
      outer: fc.array(weight, { minLength: 6, maxLength: 6 }),
      x: fc.tuple(weight, weight),
    });
    let missed = 0;
    let total = 0;
    await fc.assert(
      fc.asyncProperty(network, fc.constantFrom(0.1, 0.02), async ({ inner, outer, x }, tolerance) => {
        const terms = inner.map(([a, b, c], i) => `${outer[i]}*relu(${a}*x0+${b}*x1+${c})`);
        const model = toyModel({ inputs: { x: 2 }, outputs: [terms.join('+')] });
        const truth = values(await ig(model, x, { exact: true }));
        const a = await ig(model, x, { tolerance });
        const size = truth.reduce((sum, v) => sum + Math.abs(v), 0);
        const error = values(a).reduce((sum, v, i) => sum + Math.abs(v - (truth[i] ?? NaN)), 0);
        total++;
        if (error > (a.error?.[0] ?? NaN) * values(a).reduce((sum, v) => sum + Math.abs(v), 0) + 1e-12 * size) missed++;
        expect(a.errorMet).toEqual([true]);
      }),
      { numRuns: 60, seed: 7 },
    );
    // Few features and few nodes are where the statement can fail (3 of 1,021 stops when it was measured).
    expect(missed / total).toBeLessThanOrEqual(0.05);
  });

  test('a small byte budget doubles equal panels under the same statement', async () => {
    const model = toyModel({ outputs: ['relu(x0-0.3)*2+relu(x1-0.7)-x0*x1'], bytesPerRow: 100 });
    const a = await ig(model, [1, 1], { tolerance: 0.01, maxBytes: 400 });
    expect(a.warnings.map(({ code }) => code)).toContain('budget');
    // By hand: x0 x1 gives 1/2 each, the kinks 2 * 0.7 and 0.3.
    const truth = [1.4 - 0.5, 0.3 - 0.5];
    const error = values(a).reduce((sum, v, i) => sum + Math.abs(v - (truth[i] ?? NaN)), 0);
    expect(a.errorMet).toEqual([true]);
    expect(error / 1.1).toBeLessThanOrEqual(a.error?.[0] ?? 0);
    expect(Math.log2(a.evaluations.gradient - 1) % 1).toBe(0);
  });

  // 70 gradients of two features fit half of the budget; the tolerance needs more.
  test('a budget that ends during refinement goes on by doubling, and says so', async () => {
    const model = toyModel({ outputs: ['relu(x0-0.3)*2+relu(x1-0.7)-x0*x1+x0*x0*x1*x1*x1'] });
    const a = await ig(model, [1, 1], { tolerance: 2e-4, maxBytes: 70 * 2 * 8 * 2, maxEvaluations: 20_000 });
    expect(a.errorMet).toEqual([true]);
    expect(a.warnings.map(({ code }) => code)).toContain('budget');
  });

  test('a budget that not even one row fits is refused', async () => {
    await expect(
      ig(toyModel({ outputs: ['x0*x1'] }), [1, 1], { maxBytes: 400 }),
    ).rejects.toThrowErrorMatchingInlineSnapshot(
      `[PathwiseError: integrated-gradients: a gradient of one row takes about 1000 bytes, maxBytes is 400. Raise it]`,
    );
  });

  test('doubling agrees with the composite trapezoid of as many panels', async () => {
    const model = toyModel({ outputs: ['relu(x0-0.3)*2+relu(x1-0.7)-x0*x1'], bytesPerRow: 100 });
    const a = await ig(model, [1, 1], { tolerance: 0.01, maxBytes: 400 });
    const b = await ig(model, [1, 1], { quadrature: 'trapezoid', steps: a.evaluations.gradient - 1 });
    expect(values(a)).toBeClose(values(b), { rtol: 1e-13 });
  });

  // Closed form: F = tanh(3 x0 + x1) on the ray (1, 1/2): A = (3, 1/2) tanh(3.5) / 3.5.
  test('smooth functions below 1e-3 use nested Clenshaw-Curtis', async () => {
    const model = toyModel({ outputs: ['tanh(3*x0+x1)'] });
    const truth = [3, 0.5].map((w) => (w * Math.tanh(3.5)) / 3.5);
    const a = await ig(model, [1, 0.5], { tolerance: 1e-8 });
    expect(values(a)).toBeClose(truth, { rtol: 1e-8 });
    expect(a.evaluations.gradient).toBeLessThanOrEqual(65);
    const b = await ig(model, [1, 0.5], { quadrature: 'clenshaw-curtis', steps: a.evaluations.gradient - 1 });
    expect(values(a)).toBeClose(values(b), { rtol: 1e-13 });
  });

  test('doubling and nested Clenshaw-Curtis are the same to the bit for any tile', async () => {
    const kinked = toyModel({ outputs: ['relu(x0-0.3)*2+relu(x1-0.7)-x0*x1'], bytesPerRow: 100 });
    const smooth = toyModel({ outputs: ['tanh(3*x0+x1)'], bytesPerRow: 100 });
    for (const [model, tolerance, budgets] of [
      [kinked, 0.01, [100, 400]],
      [smooth, 1e-7, [100, 1e7]],
    ] as const) {
      const [a, b] = await Promise.all(budgets.map((maxBytes) => ig(model, [1, 1], { tolerance, maxBytes })));
      expect(values(a as Attribution)).toEqual(values(b as Attribution));
    }
  });

  test('fixed nested rules state an error, others none', async () => {
    const model = toyModel({ outputs: ['tanh(3*x0+x1)'] });
    const truth = [3, 0.5].map((w) => (w * Math.tanh(3.5)) / 3.5);
    for (const quadrature of ['trapezoid', 'clenshaw-curtis'] as const) {
      const a = await ig(model, [1, 0.5], { quadrature, steps: 8 });
      const error = values(a).reduce((sum, v, i) => sum + Math.abs(v - (truth[i] ?? NaN)), 0);
      expect(error / values(a).reduce((sum, v) => sum + v, 0)).toBeLessThanOrEqual(a.error?.[0] ?? 0);
    }
    expect((await ig(model, [1, 0.5], { steps: 8 })).error).toBeNull();
    expect((await ig(model, [1, 0.5], { quadrature: 'trapezoid', steps: 7 })).error).toBeNull();
  });

  // One kink at 1/3, nine nodes: one panel of 1/8 holds a jump of 1, so se = 1/8 / sqrt(12).
  test('standard errors per feature', async () => {
    const a = await ig(toyModel({ inputs: { x: 2 }, outputs: ['relu(x0-1/3)+x1'] }), [1, 1], {
      tolerance: 1,
      standardErrors: true,
    });
    expect(a.standardErrors?.['x']?.data).toBeClose([1 / 8 / Math.sqrt(12), 0], { rtol: 1e-12 });
  });
});

describe('exact mode', () => {
  test('refuses what is not piecewise linear, naming the op', async () => {
    await expect(ig(toyModel({ outputs: ['tanh(x0)'] }), [1], { exact: true })).rejects.toThrow(/tanh/);
  });

  test('gives up above the limit with advice', async () => {
    const many = Array.from({ length: 2001 }, (_, k) => `relu(x0-${(k + 1) / 2100})`).join('+');
    await expect(ig(toyModel({ outputs: [many] }), [1], { exact: true })).rejects.toThrow(/2000 breakpoints/);
  });

  test('is exact and says so', async () => {
    const a = await ig(toyModel({ outputs: ['relu(relu(x0-1)-relu(x1))'] }), [3, 1], { exact: true });
    expect([a.exact, a.errorMet]).toEqual([true, [true]]);
    expect(a.error).toBeClose([0], { atol: 1e-14 });
  });
});
