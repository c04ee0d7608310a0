import { readFileSync } from 'node:fs';
import { float64, type Attribution, type ParamValue } from '@pathwise/model';
import { describe, expect, test } from 'vitest';
import { toyModel } from '../../model/testing/toy-model.ts';
import { guidedStep } from '../src/methods/guided-path.ts';
import { attribute, methods, type AttributionRequest } from '../src/index.ts';

interface Case {
  readonly name: string;
  readonly method: string;
  readonly outputs: readonly string[];
  readonly inputs: { readonly x: Rows; readonly baseline?: number[]; readonly baselines?: number[][] };
  readonly params: Readonly<Record<string, ParamValue>>;
  readonly expected: {
    readonly attributions: Rows;
    readonly standardError?: number[];
    readonly convergenceDelta?: number;
    readonly coalitionsUsed?: number;
  };
  readonly tolerance: number;
}
type Rows = readonly number[] | readonly (readonly number[])[];

const { cases } = JSON.parse(
  readFileSync(new URL('golden/sampled-and-curved-paths.json', import.meta.url), 'utf8'),
) as { cases: Case[] };

const flat = (rows: Rows): number[] => rows.flat() as number[];
const values = (a: Attribution): number[] => Array.from(a.attributions['x']?.data ?? [], Number);
const errors = (a: Attribution): number[] => Array.from(a.standardErrors?.['x']?.data ?? [], Number);
const matrix = (rows: number[][]) => float64([rows.length, rows[0]?.length ?? 0], rows.flat());

/** Parameters of a case that are parts of the request, or facts for readers, and not parameters of the method. */
const NO_PARAMS = new Set(['seed', 'target', 'quadrature', 'steps', 'note', 'gradStep']);

function shapeOf({ inputs }: Case): number[] {
  const [first] = inputs.x;
  return Array.isArray(first) ? [inputs.x.length, first.length] : [inputs.x.length];
}

function requestOf(c: Case): AttributionRequest {
  const { inputs, params } = c;
  const { takes, params: specs } = methods.find(({ id }) => id === c.method) ?? { takes: undefined, params: [] };
  const listed = (name: string, value: ParamValue): ParamValue =>
    specs.some((spec) => spec.name === name && spec.type === 'numbers') && typeof value === 'number' ? [value] : value;
  const own = Object.entries(params).filter(([name]) => !NO_PARAMS.has(name));
  return {
    inputs: { x: float64([1, ...shapeOf(c)], flat(inputs.x)) },
    target: 0,
    ...(inputs.baselines === undefined ? {} : { baseline: { set: matrix(inputs.baselines) } }),
    ...(inputs.baseline === undefined ? {} : { baseline: matrix([inputs.baseline]) }),
    ...(params['seed'] === undefined ? {} : { seed: params['seed'] as number }),
    ...(params['steps'] === undefined ? {} : { steps: params['steps'] as number }),
    ...(params['quadrature'] === undefined || takes?.quadrature !== true
      ? {}
      : { quadrature: params['quadrature'] as 'midpoint' }),
    params: Object.fromEntries(own.map(([name, value]) => [name, listed(name, value)])),
  };
}

const modelOf = (c: Case) => toyModel({ inputs: { x: shapeOf(c) }, outputs: c.outputs });
const known = new Set(methods.map(({ id }) => id));

describe('closed-form and independent cases', () => {
  test.each(cases.filter(({ method }) => known.has(method)))('$method: $name', async (c) => {
    const request = requestOf(c);
    // One replicate is one design: there is no error of it to state.
    const single = c.params['sampling'] === 'stratified' ? { params: { ...request.params, replicates: 1 } } : {};
    const a = await attribute(modelOf(c), c.method, { ...request, ...single });
    const expected = flat(c.expected.attributions);
    const atol = c.tolerance * Math.max(1, ...expected.map(Math.abs));
    expect(values(a)).toBeClose(expected, { atol });
    const { standardError, convergenceDelta, coalitionsUsed } = c.expected;
    // One gradient a node and baseline; marginal: one forward run a coalition, of which x is one.
    const { gradient, forward } = a.evaluations;
    const used = c.params['contribution'] === 'marginal' ? forward : gradient / (request.steps ?? 1);
    if (coalitionsUsed !== undefined) expect(used).toBe(coalitionsUsed);
    if (standardError !== undefined) expect(errors(a)).toBeClose(standardError, { atol });
    if (convergenceDelta !== undefined) expect(a.convergenceDelta).toBeClose([convergenceDelta], { atol: 1e-9 });
  });
});

describe('expected gradients', () => {
  // F = x0 x1 + x0^2 at (2, 3) over four baselines: the mean of integrated gradients is (3.25, 2.75).
  const example = cases.find(({ name }) => name === 'expected gradients, iid, 8 samples') as Case;
  const request = (seed: number, params: Record<string, ParamValue>): AttributionRequest => ({
    ...requestOf(example),
    seed,
    params,
  });
  const run = (seed: number, params: Record<string, ParamValue>) =>
    attribute(modelOf(example), 'expected-gradients', request(seed, params));

  test('unbiased, and the standard errors are those of many seeds', async () => {
    for (const sampling of ['iid', 'stratified']) {
      const runs = await Promise.all(
        Array.from({ length: 60 }, (_, seed) => run(seed, { sampling, samples: 64, replicates: 4 })),
      );
      const first = runs.map((a) => values(a)[0] as number);
      const mean = first.reduce((p, q) => p + q, 0) / first.length;
      const spread = Math.sqrt(first.reduce((p, q) => p + (q - mean) ** 2, 0) / (first.length - 1));
      expect(Math.abs(mean - 3.25)).toBeLessThan((4 * spread) / Math.sqrt(60));
      const stated = Math.sqrt(runs.reduce((p, a) => p + (errors(a)[0] as number) ** 2, 0) / runs.length);
      expect(stated / spread).toBeGreaterThan(0.7);
      expect(stated / spread).toBeLessThan(1.4);
    }
  });

  // 50 to 60 seeds: sd of 64 samples is 0.63 iid and 0.013 stratified.
  test('stratified draws are nearer to the mean of integrated gradients', async () => {
    const iid = await run(1, { sampling: 'iid', samples: 64 });
    const stratified = await run(1, { samples: 64, replicates: 1 });
    expect(Math.abs((values(stratified)[0] as number) - 3.25)).toBeLessThan(0.06);
    expect(errors(iid)[0]).toBeGreaterThan(0.2);
    expect(stratified.standardErrors).toBeUndefined();
  });

  test('samples are rounded up to whole replicates; too few are drawn independently, with a warning', async () => {
    const a = await run(0, { samples: 30, replicates: 2 });
    expect(a.params).toMatchObject({ samples: 32, sampling: 'stratified' });
    expect(a.evaluations).toEqual({ forward: 5, gradient: 32 });
    const few = await run(0, { samples: 7, replicates: 4 });
    expect(few.params).toMatchObject({ samples: 7, sampling: 'iid' });
    expect(few.warnings.map(({ code }) => code)).toContain('not-stratified');
    expect(values(few)).toEqual(values(await run(0, { samples: 7, sampling: 'iid' })));
  });

  test('the seed is reported, and changes the result', async () => {
    const [a, b] = [await run(3, {}), await run(4, {})];
    expect([a.seed, b.seed]).toEqual([3, 4]);
    expect(values(a)).not.toEqual(values(b));
  });

  test('needs baselines, of equal weight', async () => {
    const { baseline: _, ...without } = requestOf(example);
    await expect(attribute(modelOf(example), 'expected-gradients', without)).rejects.toThrow(
      /expected a set of baselines/,
    );
    const weighted = { set: matrix(example.inputs.baselines as number[][]), weights: [0.4, 0.2, 0.2, 0.2] };
    await expect(attribute(modelOf(example), 'expected-gradients', { ...without, baseline: weighted })).rejects.toThrow(
      /equal ones/,
    );
  });
});

describe('gradient SHAP', () => {
  const example = cases.find(({ name }) => name === 'gradient-shap, 4 samples') as Case;
  const run = (outputs: readonly string[], params: Record<string, ParamValue>, seed = 5) =>
    attribute(toyModel({ inputs: { x: 2 }, outputs }), 'gradient-shap', { ...requestOf(example), params, seed });

  test('without noise: expected gradients drawn independently, bit for bit', async () => {
    const a = await run(example.outputs, { samples: 9 });
    const b = await attribute(modelOf(example), 'expected-gradients', {
      ...requestOf(example),
      seed: 5,
      params: { samples: 9, sampling: 'iid' },
    });
    expect(values(a)).toEqual(values(b));
    expect(errors(a)).toEqual(errors(b));
    expect(a.evaluations).toEqual({ forward: 5, gradient: 9 });
  });

  // With the factor x - b instead of x~ - b a linear F would leave a delta of w . noise.
  test('a linear target leaves no delta, whatever the noise', async () => {
    const a = await run(['3*x0-2*x1'], { samples: 7, stdev: [0.5] });
    expect(a.convergenceDelta).toBeClose([0], { atol: 1e-12 });
    expect(a.evaluations).toEqual({ forward: 12, gradient: 7 });
  });

  test('one scale serves all inputs; another number of them is refused', async () => {
    await expect(run(['x0*x1'], { stdev: [1, 2] })).rejects.toThrow(/one number, or 1/);
    const model = toyModel({ inputs: { a: 1, b: 1 }, outputs: ['a0+b0'] });
    const request = { inputs: { a: float64([1, 1], [1]), b: float64([1, 1], [2]) }, baseline: 0, target: 0 };
    const some = await attribute(model, 'gradient-shap', { ...request, params: { stdev: [0, 1] } });
    expect(some.attributions['a']?.data).toEqual(Float64Array.of(1));
    expect(some.attributions['b']?.data).not.toEqual(Float64Array.of(2));
  });

  // Noise moves some points to where the root is not defined.
  test('a point that is not finite names the path', async () => {
    const failed = attribute(toyModel({ outputs: ['sqrt(x0-2)+x1'] }), 'gradient-shap', {
      ...requestOf(example),
      baseline: matrix([[3, 2]]),
      params: { samples: 20, stdev: [1] },
    });
    await expect(failed).rejects.toMatchObject({ code: 'NON_FINITE' });
    await expect(failed).rejects.toThrow(/not finite .*of path 0$/);
  });

  test('noise does not depend on the tile', async () => {
    const params = { samples: 11, stdev: [0.3] };
    const request = { ...requestOf(example), params };
    const whole = await attribute(modelOf(example), 'gradient-shap', request);
    for (const maxBytes of [2000, 8000]) {
      const a = await attribute(modelOf(example), 'gradient-shap', { ...request, maxBytes });
      expect(values(a)).toEqual(values(whole));
      expect(a.convergenceDelta).toEqual(whole.convergenceDelta);
    }
  });
});

describe('SmoothGrad', () => {
  const example = cases.find(({ name }) => name === 'smoothgrad, mean') as Case;
  const run = (params: Record<string, ParamValue>, more: Partial<AttributionRequest> = {}) =>
    attribute(modelOf(example), 'smoothgrad', { ...requestOf(example), params, ...more });

  // F = x0^2 + 3 x0 x1 at (1, -2): the gradient is linear, mean (-4, 3), variance (13 sigma^2, 9 sigma^2).
  test('limits at sigma = 1/2, within the standard errors', async () => {
    const mean = await run({ samples: 4000, sigma: [0.5] });
    for (const [i, limit] of [-4, 3].entries()) {
      const error = errors(mean)[i] as number;
      expect(error).toBeClose(Math.sqrt((i === 0 ? 13 : 9) * 0.25) / Math.sqrt(4000), { rtol: 0.05 });
      expect(Math.abs((values(mean)[i] as number) - limit)).toBeLessThan(4 * error);
    }
    const variance = await run({ samples: 4000, sigma: [0.5], statistic: 'variance' });
    expect(values(variance)).toBeClose([13 / 4, 9 / 4], { rtol: 0.1 });
    expect(variance.standardErrors).toBeUndefined();
  });

  test('samples are the same numbers one by one and in tiles', async () => {
    const whole = await run({ samples: 6 });
    for (const maxBytes of [2000, 8000]) expect(values(await run({ samples: 6 }, { maxBytes }))).toEqual(values(whole));
    expect(whole.evaluations).toEqual({ forward: 1, gradient: 6 });
    expect(whole.convergenceDelta).toBeNull();
  });

  // Averages of sums: the delta is that of the mean over the noisy inputs.
  test('of input x gradient: contributions and their delta', async () => {
    const linear = toyModel({ outputs: ['3*x0-2*x1+1'] });
    const a = await attribute(linear, 'smoothgrad', { ...requestOf(example), params: { base: 'input-x-gradient' } });
    expect(a.unit).toBe('contribution');
    expect(a.convergenceDelta).toBeClose([0], { atol: 1e-12 });
    expect(a.outputAtBaseline).toEqual([1]);
  });

  test('a row without range gets no noise, and a warning', async () => {
    const a = await run({ samples: 3 }, { inputs: { x: float64([2, 2], [1, 1, 1, -2]) } });
    expect(values(a).slice(0, 2)).toBeClose([5, 3], { atol: 1e-12 });
    expect(a.warnings).toMatchObject([{ code: 'no-noise', message: expect.stringContaining('row 0:') as string }]);
  });

  test('several inputs have noise of their own', async () => {
    const model = toyModel({ inputs: { a: 1, b: 1 }, outputs: ['a0*a0+b0*b0'] });
    const request = { inputs: { a: float64([1, 1], [1]), b: float64([1, 1], [1]) }, target: 0 };
    const a = await attribute(model, 'smoothgrad', { ...request, params: { samples: 4, sigma: [0, 1] } });
    expect(a.attributions['a']?.data).toEqual(Float64Array.of(2));
    expect(a.attributions['b']?.data).not.toEqual(Float64Array.of(2));
  });

  test('a variance needs two samples', async () => {
    await expect(run({ samples: 1, statistic: 'variance' })).rejects.toThrow(/at least 2/);
  });
});

describe('IDGI', () => {
  const run = (output: string, x: number, steps: number) =>
    attribute(toyModel({ outputs: [output] }), 'idgi', { inputs: { x: float64([1, 1], [x]) }, target: 0, steps });

  // relu(x - 1) from 0 to 2 changes by 1, in the last steps only.
  test('complete for any number of steps', async () => {
    for (const steps of [1, 2, 4, 7]) {
      const a = await run('relu(x0-1)', 2, steps);
      expect(values(a)).toBeClose([1], { atol: 1e-12 });
      expect(a.convergenceDelta).toBeClose([0], { atol: 1e-12 });
    }
  });

  test('one gradient a step, and one more where the last step starts without', async () => {
    expect((await run('x0*x0+x0', 2, 4)).evaluations).toEqual({ forward: 2, gradient: 4 });
    expect((await run('relu(x0-1)', 1.5, 1)).evaluations).toEqual({ forward: 2, gradient: 2 });
  });

  // A step up between 1/2 and 1: both gradients of the only panel are 0.
  test('a change that no gradient sees is left out, with a warning', async () => {
    const a = await run('relu(x0-0.5)-relu(x0-1)', 2, 1);
    expect(values(a)).toEqual([0]);
    expect(a.convergenceDelta).toEqual([-0.5]);
    expect(a.warnings.map(({ code }) => code)).toContain('zero-gradient');
  });

  test('a set of baselines is refused', async () => {
    const request = { inputs: { x: float64([1, 1], [1]) }, baseline: 'uniform:2' as const, target: 0 };
    await expect(attribute(toyModel({ outputs: ['x0'] }), 'idgi', request)).rejects.toThrow(/one baseline/);
  });
});

describe('guided integrated gradients', () => {
  const run = (
    output: string,
    x: number[],
    baseline: number[],
    steps: number,
    params: Record<string, ParamValue> = {},
  ) =>
    attribute(toyModel({ outputs: [output] }), 'guided-integrated-gradients', {
      inputs: { x: matrix([x]) },
      baseline: matrix([baseline]),
      target: 0,
      steps,
      params,
    });

  test('linear: the same as every path', async () => {
    const a = await run('2*x0+x1', [10, 5], [-1, -3], 20);
    expect(values(a)).toBeClose([22, 8], { atol: 1e-10 });
  });

  test('a sum of functions of one feature: the same as every path, there and back', async () => {
    expect(values(await run('2*x0*x0+x1*x1', [3, 3], [0, 0], 50))).toBeClose([18, 9], { atol: 1e-9 });
    expect(values(await run('2*x0*x0+x1*x1', [0, 0], [3, 3], 50))).toBeClose([-18, -9], { atol: 1e-9 });
  });

  // (2 x0 + x1)^2: straight (54, 27); unbounded x1, whose gradient is smaller, moves first: (72, 9) in the limit.
  test('maxDistance 0 and fraction 1 are straight; unbounded follows the small gradient', async () => {
    const square = (params: Record<string, ParamValue>, steps = 50) =>
      run('(2*x0+x1)**2', [3, 3], [0, 0], steps, params);
    expect(values(await square({ maxDistance: 0 }))).toBeClose([54, 27], { atol: 1e-9 });
    expect(values(await square({ fraction: 1, maxDistance: 1 }))).toBeClose([54, 27], { atol: 1e-9 });
    expect(values(await square({ fraction: 0.1, maxDistance: 1 }, 2000))).toBeClose([72, 9], { atol: 0.05 });
  });

  test('the left rule converges with 1 / n, the trapezoid is exact for quadratics', async () => {
    const delta = async (steps: number, panelRule: string) => {
      const params = { fraction: 0.1, maxDistance: 1, panelRule };
      return (await run('(2*x0+x1)**2', [3, 3], [0, 0], steps, params)).convergenceDelta;
    };
    expect(await delta(10, 'left')).toBeClose([-8.82], { atol: 1e-9 });
    expect(await delta(20, 'left')).toBeClose([-4.455], { atol: 1e-9 });
    expect(await delta(10, 'trapezoid')).toBeClose([0], { atol: 1e-9 });
  });

  // Equal gradients move together, so (x0 + x1)^3 has the straight path: half of 8 each.
  test('ties move together', async () => {
    const a = await run('(x0+x1)**3', [1, 1], [0, 0], 200, { maxDistance: 1, fraction: 0.1 });
    expect(values(a)[0]).toBe(values(a)[1]);
    expect(values(a)).toBeClose([4, 4], { atol: 1e-3 });
  });

  test('one gradient a step and one more; a row at its baseline costs one forward', async () => {
    const request = {
      inputs: {
        x: matrix([
          [1, 2],
          [0, 0],
        ]),
      },
      target: 0,
      steps: 10,
    };
    const model = toyModel({ outputs: ['x0*x1'] });
    const a = await attribute(model, 'guided-integrated-gradients', request);
    expect(a.evaluations).toEqual({ forward: 3, gradient: 11 });
    const left = await attribute(model, 'guided-integrated-gradients', { ...request, params: { panelRule: 'left' } });
    expect(left.evaluations).toEqual({ forward: 3, gradient: 10 });
  });

  test('bounded: no element runs ahead or stays behind by more than asked', async () => {
    const progress = new Float64Array(6);
    const weights = Float64Array.of(3, 0, 1, 0.5, 2, 1);
    for (let step = 1; step <= 20; step++) {
      const gradient = Array.from({ length: 6 }, (_, i) => Math.sin(7 * i + 3 * step));
      guidedStep(progress, weights, gradient, step, { steps: 20, fraction: 0.3, maxDistance: 0.1 });
      const left = weights.reduce((sum, w, i) => sum + w * (1 - (progress[i] as number)), 0);
      expect(left).toBeClose(7.5 * (1 - step / 20), { atol: 1e-9 });
      for (const [i, t] of progress.entries()) {
        if (i !== 1) expect(Math.abs(t - step / 20)).toBeLessThanOrEqual(0.1 + 1e-12);
      }
    }
    expect(Array.from(progress)).toBeClose([1, 1, 1, 1, 1, 1], { atol: 1e-12 });
  });
});

describe('blur integrated gradients', () => {
  const row = [0, 1, 4, 2, 0, 1, 0];
  const squares = row.map((_, i) => `0.5*x${i}*x${i}`).join('+');
  const run = (params: Record<string, ParamValue>, steps: number, more: Partial<AttributionRequest> = {}) =>
    attribute(toyModel({ outputs: [squares] }), 'blur-integrated-gradients', {
      inputs: { x: matrix([row]) },
      target: 0,
      steps,
      params: { axes: [0], sigmaMax: 3, ...params },
      ...more,
    });

  // (v^2 - L^2) / 2, whatever the points: a chord's midpoint is exact for quadratics.
  test('spacing and number of steps change nothing for a quadratic', async () => {
    const c = cases.find(({ name }) => name === 'blur IG, half sum of squares') as Case;
    for (const spacing of ['sigma', 'sigma-squared']) {
      for (const steps of [1, 7, 30]) {
        const a = await run({ spacing }, steps);
        expect(values(a)).toBeClose(flat(c.expected.attributions), { atol: 1e-12 });
        expect(a.convergenceDelta).toBeClose([0], { atol: 1e-12 });
        expect(a.evaluations).toEqual({ forward: 2, gradient: steps });
      }
    }
  });

  // The difference quotient leaves an error of its own: 0.019, 0.035, 0.042 at 50, 100, 200 steps.
  test('the forward difference does not converge to 0', async () => {
    for (const [steps, delta] of [
      [50, 0.019],
      [100, 0.035],
      [200, 0.042],
    ] as const) {
      const a = await run({ derivative: 'forward-difference' }, steps);
      expect(Math.abs((a.convergenceDelta as number[])[0] as number)).toBeClose(delta, { atol: 6e-4 });
    }
  });

  test('a constant scores 0 inside; with a zero border its ends get something', async () => {
    const constant = { inputs: { x: matrix([[1, 1, 1, 1, 1, 1, 1]]) } };
    for (const border of ['reflect', 'nearest']) {
      expect(values(await run({ border }, 5, constant))).toBeClose(new Array<number>(7).fill(0), { atol: 1e-12 });
    }
    expect(values(await run({ border: 'zero' }, 5, constant))[0]).toBeGreaterThan(0.1);
  });

  test('a blur below an eighth of an element is none', async () => {
    expect(values(await run({ sigmaMax: 0.125 }, 4)).map(Math.abs)).toBeClose([0, 0, 0, 0, 0, 0, 0], { atol: 1e-9 });
  });

  test('axes: of an image the last two, of a series the last, otherwise to be given', async () => {
    const on = (shape: number[], params: Record<string, ParamValue> = {}) =>
      attribute(toyModel({ inputs: { x: shape }, outputs: [squares.slice(0, 23)] }), 'blur-integrated-gradients', {
        inputs: { x: float64([1, ...shape], [3, 1]) },
        target: 0,
        steps: 2,
        params: { sigmaMax: 1, ...params },
      });
    const along = values(await on([2], { axes: [0] }));
    expect(values(await on([1, 2]))).toEqual(along);
    expect(values(await on([1, 1, 2]))).toBeClose(values(await on([1, 1, 2], { axes: [1, 2] })), { atol: 0 });
    expect(values(await on([2]))).toEqual(along);
    await expect(on([1, 1, 1, 2])).rejects.toThrow(/axes to blur/);
    await expect(on([2], { axes: [1] })).rejects.toThrow(/axes below 1/);
  });
});

describe('Shapley integrated gradients', () => {
  const ones = { inputs: { x: matrix([[1, 1, 1]]) }, target: 0, steps: 4 };
  const run = (output: string, params: Record<string, ParamValue>, more: Partial<AttributionRequest> = {}) =>
    attribute(toyModel({ outputs: [output] }), 'shapley-integrated-gradients', { ...ones, params, ...more });

  // Shapley values of min(x0 + x1, 1) x2: (1/6, 1/6, 2/3).
  test('marginal contributions are unbiased for the Shapley value, complete for every sample', async () => {
    const runs = await Promise.all(
      Array.from({ length: 40 }, (_, seed) => run('min(x0+x1,1+0*x0)*x2', { contribution: 'marginal' }, { seed })),
    );
    for (const a of runs) expect(a.convergenceDelta).toBeClose([0], { atol: 1e-12 });
    const mean = runs[0]?.attributions['x']?.data.length === 3 ? [0, 1, 2] : [];
    const means = mean.map((i) => runs.reduce((sum, a) => sum + (values(a)[i] as number) / 40, 0));
    expect(means).toBeClose([1 / 6, 1 / 6, 2 / 3], { atol: 0.08 });
    expect(runs[0]?.evaluations.gradient).toBe(0);
  });

  // x0 x1 + x2 with all coalitions: (4/9, 4/9, 2/3), F(x) minus the mean over the set is their sum.
  test('the delta is against the set of baselines; scaled to the sum it is against the baseline', async () => {
    const a = await run('x0*x1+x2', { coalitions: 'all' });
    expect(a.convergenceDelta).toBeClose([0], { atol: 1e-12 });
    expect(a.outputAtBaseline).toBeClose([2 - 14 / 9], { atol: 1e-12 });
    const scaled = await run('x0*x1+x2', { coalitions: 'all', normalize: 'sum' });
    expect(values(scaled)).toBeClose([4 / 7, 4 / 7, 6 / 7], { atol: 1e-12 });
    expect(scaled.outputAtBaseline).toEqual([0]);
  });

  // Products of two carry 8/9 and single features 2/3: 3 * 8/9 - 4 * 2/3 = 0, though F changes by -1.
  test('attributions that cancel cannot be scaled', async () => {
    await expect(run('3*x0*x1-4*x2', { coalitions: 'all', normalize: 'sum' })).rejects.toThrow(/sum to 0/);
  });

  test('standard errors come from rounds, and baselines are shared between them', async () => {
    const output = 'x0*x1*x2';
    expect((await run(output, {})).standardErrors).toBeUndefined();
    const a = await run(output, { rounds: 3 });
    expect(errors(a).length).toBe(3);
    // Three features have 7 coalitions that are no whole: all of them in one round already.
    expect(a.evaluations.gradient).toBeLessThanOrEqual(7 * 4);
  });

  test('limits', async () => {
    await expect(run('x0+x1+x2', { coalitions: 'all', rounds: 2 })).rejects.toThrow(/nothing to draw/);
    await expect(run('x0+x1+x2', {}, { standardErrors: true, steps: undefined })).rejects.toThrow(
      /rounds of at least 2/,
    );
    const wide = toyModel({ inputs: { x: 65 }, outputs: ['x0'] });
    const many = { inputs: { x: float64([1, 65], new Array<number>(65).fill(1)) }, target: 0 };
    await expect(attribute(wide, 'shapley-integrated-gradients', many)).rejects.toThrow(/at most 64/);
  });

  test('adaptive quadrature states an error', async () => {
    const a = await run('relu(x0+x1-1)*x2', {}, { steps: undefined, tolerance: 0.02 });
    expect(a.error?.[0]).toBeLessThanOrEqual(0.03);
    expect(a.errorMet).toEqual([true]);
  });
});
