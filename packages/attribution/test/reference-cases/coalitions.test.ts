// Every case of ../shared/methods/coalitions.json from the file itself. What rules of propagation and Grad-CAM give there is
// run on graphs in packages/pathwise/test/neuron-cases.test.ts.
import { float64, int64, type Attribution } from '@pathwise/model';
import { describe, expect, test } from 'vitest';
import { sharedData } from '../../../model/testing/shared-data.ts';
import { toyModel } from '../../../model/testing/toy-model.ts';
import { kernelSolver } from '../../src/coalitions/kernel-regression.ts';
import { owenCoalitions, owenValues, unionsOf } from '../../src/coalitions/owen-values.ts';
import { shapleyValues } from '../../src/coalitions/shapley-values.ts';
import { attribute, type AttributionRequest } from '../../src/index.ts';
import { dividends } from '../../src/interactions/dividends.ts';
import { interactionIndex } from '../../src/interactions/indices.ts';
import { conditionalOf, fitGaussian } from '../../src/replacement/gaussian.ts';
import { compare, type Quantity } from '../../src/replacement/quantity.ts';
import { attributionsOf, expectAll, referenceCases, row, type Computed, type ReferenceCase } from './reference-case.ts';

/** As the file has them: functions in words. */
type Case = Omit<ReferenceCase, 'function'> & { readonly function: string };

/** Lists of players, by the name of the parameter. */
const groupsOf = ({ params }: Case, name: string): number[][] => params[name] as unknown as number[][];

const { path, present } = sharedData('methods/coalitions.json');
const cases: readonly Case[] = present ? referenceCases<Case>(path) : [];

/** "F(x) = 2 x1^2 x2 - x3" as the algebra of toy models: elements from 0, products written out. */
function algebraOf(words: string): string {
  const [formula = ''] = words.replace(/^F\(x\) = /, '').split(';');
  return formula.replace(/x(\d)/g, (_, i: string) => `x${Number(i) - 1}`).replace(/(?<=[\w)])\s+(?=[x(\d])/g, '*');
}

const listOf = (value: unknown): number[] => value as number[];
const playersOf = (mask: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => i).filter((i) => (mask >> i) & 1);

/** The same effect of every set that is not listed is 0. */
const everySet = (sets: Record<string, number>, count: number): Record<string, number> =>
  Object.fromEntries(Array.from({ length: 2 ** count - 1 }, (_, i) => [i + 1, sets[i + 1] ?? 0]));

function game(c: Case): Computed {
  const { inputs, params, expected } = c;
  const v = Float64Array.from(listOf(inputs['v']));
  const players = Math.log2(v.length);
  const found = dividends(v);
  const shapley = shapleyValues(v, players);
  const listed = (sets: ReadonlyMap<number, number>, key: string): Record<string, number> =>
    Object.fromEntries(Object.keys((expected[key] as object | undefined) ?? {}).map((m) => [m, sets.get(Number(m))!]));
  if (params['unions'] !== undefined) {
    const given = Array.from({ length: players }, (_, i) =>
      groupsOf(c, 'unions').findIndex((union) => union.includes(i)),
    );
    const unions = unionsOf('shapley', given, players);
    // The coalitions that are asked for are enough.
    const asked = new Set(owenCoalitions(unions));
    return { attributions: owenValues((mask) => (asked.has(mask) ? (v[mask] ?? NaN) : NaN), unions), shapley };
  }
  return {
    attributions: shapley,
    shapley,
    dividends: found,
    sii: listed(interactionIndex('shapley-interaction', found, 3), 'sii'),
    sti2: listed(interactionIndex('shapley-taylor', found, 2), 'sti2'),
  };
}

function pairedDesign({ inputs, params }: Case): Computed {
  const [v, masks] = [listOf(inputs['v']), listOf(params['coalitions'])];
  const players = inputs['players'] as number;
  const coalitions = masks.map((mask) => Uint8Array.from({ length: players }, (_, i) => (mask >> i) & 1));
  // Any weights, equal within a pair.
  const weights = Float64Array.from(masks, (mask) => 1 + Math.min(mask, 63 - mask) / 7);
  const none = v[0] as number;
  const solve = kernelSolver(players, coalitions, weights, 0);
  return { attributions: solve?.((k) => (v[masks[k] as number] as number) - none, (v.at(-1) as number) - none) };
}

/** Pairs of a result, 0 on the diagonal where singles stand apart. */
function pairsOf(a: Attribution, keepsDiagonal: boolean): number[] {
  const [found] = a.interactions ?? [];
  const n = found?.players ?? 0;
  return [...(found?.pairs ?? [])].map((value, k) => (!keepsDiagonal && k % (n + 1) === 0 ? 0 : value));
}

/** What single terms of the Taylor expansion at the baseline say, against what methods say. */
function expectTerms(terms: Record<string, number>, effects: Record<string, number>, computed: Computed): void {
  const size = listOf(computed['integrated-gradients']).length;
  const sums = { first: 0, effects: {} as Record<string, number>, path: new Array<number>(size).fill(0) };
  const slopes = new Array<number>(size).fill(0);
  for (const [key, value] of Object.entries(terms)) {
    const powers = key.split(',').map(Number);
    const degree = powers.reduce((a, b) => a + b, 0);
    const mask = powers.reduce((m, k, i) => (k > 0 ? m | (1 << i) : m), 0);
    if (degree === 0) sums.first += value;
    else sums.effects[mask] = (sums.effects[mask] ?? 0) + value;
    for (const [i, k] of powers.entries()) {
      if (degree > 0) sums.path[i] = (sums.path[i] ?? 0) + (value * k) / degree;
      slopes[i] = (slopes[i] ?? 0) + value * k;
    }
  }
  expect(computed['outputAtBaseline']).toBeClose([sums.first], { atol: 1e-11 });
  expectAll({ effects: everySet(sums.effects, size) }, { effects }, 1e-11);
  expect(sums.path).toBeClose(listOf(computed['integrated-gradients']), { atol: 1e-11 });
  expect(slopes).toBeClose(listOf(computed['gradient x (x - b), gradient at x']), { atol: 1e-10 });
}

async function functionOfAlgebra(c: Case): Promise<Computed> {
  const { inputs, params, expected } = c;
  const x = listOf(inputs['x']);
  const run = (method: string, more: Partial<AttributionRequest> = {}) =>
    attribute(toyModel({ inputs: { x: x.length }, outputs: [algebraOf(c.function)] }), method, {
      inputs: { x: row(x) },
      baseline: row(listOf(inputs['baseline'])),
      target: 0,
      ...more,
    });
  const slopesAt = async (point: number[]): Promise<number[]> => {
    const a = await run('gradient', { baseline: undefined, inputs: { x: row(point) } });
    return attributionsOf(a).map((g, i) => g * ((x[i] ?? NaN) - (listOf(inputs['baseline'])[i] ?? NaN)));
  };
  const sets = await run('harsanyi');
  const effects: Record<string, number> = {};
  for (let mask = 1; mask < 2 ** x.length; mask++) {
    const players = playersOf(mask, x.length);
    const [i = 0, j = 0] = players;
    const [found] = sets.interactions ?? [];
    const single = attributionsOf(sets)[i];
    const pair = found?.pairs?.[i * x.length + j];
    const larger = found?.sets.find((set) => String(set.players) === String(players))?.value;
    effects[mask] = (players.length === 1 ? single : players.length === 2 ? pair : larger) ?? NaN;
  }
  const exact = /relu/.test(c.function) ? { exact: true } : { steps: 8, quadrature: 'gauss-legendre' as const };
  const [occlusion, shapley] = [await run('occlusion'), await run('shapley')];
  const computed: Record<string, unknown> = {
    dividends: effects,
    difference: sets.interactions?.[0]?.total,
    outputAtBaseline: shapley.outputAtBaseline,
    'gradient x (x - b), gradient at x': await slopesAt(x),
    'gradient at the baseline x (x - b)': await slopesAt(listOf(inputs['baseline'])),
    'occlusion-1': attributionsOf(occlusion),
    occlusion: attributionsOf(occlusion),
    'leave-one-in': attributionsOf(sets),
    'integrated-gradients': attributionsOf(await run('integrated-gradients', exact)),
    shapley: attributionsOf(shapley),
    'input-x-gradient': attributionsOf(await run('input-x-gradient', { baseline: undefined })),
    'finite-difference pairs at x': pairsOf(
      await run('shapley-interactions', { params: { index: 'finite-difference' } }),
      false,
    ),
    'shapley-interaction-index pairs': pairsOf(
      await run('shapley-interactions', { params: { index: 'shapley-interaction' } }),
      false,
    ),
    'integrated-hessians': pairsOf(await run('integrated-hessians'), true),
  };
  if (params['patches'] !== undefined) {
    const patches = groupsOf(c, 'patches');
    const ids = x.map((_, i) => patches.findIndex((patch) => patch.includes(i)));
    const patched = await run('feature-ablation', { featureMask: int64([x.length], ids) });
    computed['occlusion-patch'] = attributionsOf(patched);
  }
  if (expected['parts'] !== undefined) {
    const { allocation } = await run('taylor-allocation', { steps: 8, params: { methods: ['integrated-gradients'] } });
    const parts: Record<string, readonly number[]> = {};
    for (const { players, parts: own } of allocation?.[0]?.[0]?.parts ?? [])
      parts[players.reduce((mask, player) => mask | (1 << player), 0)] = own;
    // Nothing of F at the baseline, the effect of the empty set, is given to anybody.
    computed['parts'] = { ...parts, 0: x.map(() => 0) };
    computed['dividends'] = { ...effects, 0: shapley.outputAtBaseline?.[0] };
  }
  if (expected['terms'] !== undefined) {
    expectTerms(expected['terms'] as Record<string, number>, effects, computed);
    computed['terms'] = expected['terms'];
  }
  return computed;
}

async function ofBaselines({ function: F, inputs }: Case): Promise<Computed> {
  const x = listOf(inputs['x']);
  const set = float64([3, 3], (inputs['baselines'] as number[][]).flat());
  const run = (method: string, more: Partial<AttributionRequest> = {}) =>
    attribute(toyModel({ outputs: [algebraOf(F)] }), method, {
      inputs: { x: row(x) },
      baseline: { set },
      target: 0,
      ...more,
    });
  return {
    'prediction-difference': attributionsOf(await run('prediction-difference')),
    'expected-gradients': attributionsOf(await run('integrated-gradients', { steps: 4, quadrature: 'gauss-legendre' })),
    shapley_mean: attributionsOf(await run('shapley')),
  };
}

/** Windows, how many hold each element, and what it gets, from F = sum of 2^i x_i. */
async function windows({ inputs, params }: Case): Promise<Computed> {
  const x = listOf(inputs['x']);
  const outputs = [x.map((_, i) => `${2 ** i}*x${i}`).join('+')];
  const run = async (edges: string, overlap: string) => {
    const own = { window: [params['window'] as number], strides: [params['stride'] as number], edges, overlap };
    return attribute(toyModel({ outputs }), 'occlusion-patch', { inputs: { x: row(x) }, target: 0, params: own });
  };
  const computed: Record<string, Computed> = {};
  for (const [edges, key] of [
    ['cover', 'covering'],
    ['inside', 'inside only'],
  ] as const) {
    const [mean, sum] = [await run(edges, 'mean'), await run(edges, 'sum')];
    const [means, sums] = [attributionsOf(mean), attributionsOf(sum)];
    // x and its baseline aside, a window costs one evaluation.
    computed[key] = { mean: means, sum: sums, windows: [sum.evaluations.forward - 2] };
  }
  return computed;
}

/** The cases of a difference of predictions are about its parts. */
function predictionDifference(c: Case): Computed {
  const of = (p: number, mean: number, quantity: Quantity, trained: number): number =>
    compare(p, mean, 0, { quantity, trained, classes: 10 }).value;
  if (c.name.startsWith('p = 0.8')) {
    const each = [0.5, 0.3].map((q) => of(0.8, q, 'log-odds', 0));
    return {
      difference: of(0.8, 0.4, 'difference', 0),
      logOdds: of(0.8, 0.4, 'log-odds', 0),
      information: of(0.8, 0.4, 'information', 0),
      logOddsLaplace: of(0.8, 0.4, 'log-odds', (c.params['laplace'] as unknown as { N: number }).N),
      // What averaging after the comparison would give: the case's warning, not what we do.
      meanOfLogOdds: (each[0]! + each[1]!) / 2,
    };
  }
  if (c.name.startsWith('p = 1')) return { logOddsLaplace: of(1, 0.5, 'log-odds', 1000) };
  const { mean, cov } = c.inputs as unknown as { mean: number[]; cov: number[][] };
  const gaussian = { mean: Float64Array.from(mean), covariance: Float64Array.from(cov.flat()) };
  const given = conditionalOf(gaussian, [0], [1, 2]);
  return { mean: given.mean(Float64Array.of(4, 1)), variance: given.covariance };
}

/** x2 does not matter to F, but says much about x1. */
async function correlated({ inputs }: Case): Promise<Computed> {
  const rows = [...Array<number[]>(4).fill([0, 0]), ...Array<number[]>(4).fill([1, 1]), [0, 1], [1, 0]];
  const x = listOf(inputs['x']);
  const model = toyModel({ outputs: ['x0+0*x1'] });
  const baseline = { set: float64([10, 2], rows.flat()) };
  const a = await attribute(model, 'prediction-difference', { inputs: { x: row(x) }, baseline, target: 0 });
  const gaussian = fitGaussian(
    rows.map((r) => Float64Array.from(r)),
    2,
  );
  const meanOf = (i: number): number => conditionalOf(gaussian, [i], [1 - i]).mean(Float64Array.of(x[1 - i]!))[0]!;
  // Replacing x2 leaves F; the normal distribution of these moments has the conditional mean of the table.
  return { marginal: attributionsOf(a), conditional: [x[0]! - meanOf(0), 0] };
}

/** The tones of each superpixel of the two-tone image. */
async function tonesOfSuperpixels({ params }: Case): Promise<number[][]> {
  const tones = Array.from({ length: 64 }, (_, i) => (i % 8 < 5 ? 0 : 100));
  const model = toyModel({ inputs: { x: [1, 8, 8] }, outputs: ['x0'] });
  const { players } = await attribute(model, 'feature-ablation', {
    inputs: { x: float64([1, 1, 8, 8], tones) },
    target: 0,
    featureMask: `slic:${params['K'] as number}`,
  });
  const ids = Array.from(players?.ids['x']?.data ?? [], Number);
  return [...new Set(ids)].map((id) => [...new Set(tones.filter((_, i) => ids[i] === id))]);
}

/** Values that rules on a graph give; the other file runs them. */
const BY_RULES = /^(lrp-|deeplift-|deepshap)/;

describe.skipIf(!present)('reference cases of coalitions', () => {
  const here = cases.filter(({ method }) => method !== 'propagation rules' && method !== 'grad-cam');

  test.each(here.filter(({ method }) => method !== 'segments').map((c, i) => [`${c.name} (${i})`, c] as const))(
    '%s',
    async (_, c) => {
      const expected: Record<string, ReferenceCase['expected'][string]> = {};
      for (const [key, value] of Object.entries(c.expected)) if (!BY_RULES.test(key)) expected[key] = value;
      if (c.inputs['v'] !== undefined)
        return expectAll(expected, c.method === 'kernel-shap' ? pairedDesign(c) : game(c), 1e-11);
      if (c.inputs['baselines'] !== undefined) {
        const found = await ofBaselines(c);
        return expectAll(expected, { ...found, attributions: found[c.method] }, 1e-12);
      }
      if (c.method === 'occlusion-patch') {
        for (const [key, value] of Object.entries(await windows(c))) {
          const { mean, sum, windows: list, count } = expected[key] as unknown as Record<string, number[]>;
          const found = value as Record<string, number[]>;
          expectAll({ mean: mean!, sum: sum!, windows: [list!.length] }, found, 1e-12);
          // Whatever lies in n windows has n times the mean as its sum.
          expect(found['mean']!.map((v, i) => v * (count?.[i] ?? NaN))).toBeClose(sum!, { atol: 1e-11 });
        }
        return;
      }
      if (c.method === 'prediction-difference') {
        const isTable = c.name.startsWith('F(x) = x1');
        return expectAll(expected, isTable ? await correlated(c) : predictionDifference(c), isTable ? 1e-6 : 1e-12);
      }
      const F = c.method === 'deepshap' ? 'F(x) = (x1 + x2)^2 (x2 - x3)' : c.function;
      const found = await functionOfAlgebra({ ...c, function: F });
      const isListed = typeof expected['dividends'] === 'object' && c.method === 'taylor';
      const filled = isListed
        ? {
            ...expected,
            dividends: everySet(expected['dividends'] as Record<string, number>, listOf(c.inputs['x']).length),
          }
        : expected;
      expectAll(filled, found, 1e-11);
    },
  );

  test.each(here.filter(({ method }) => method === 'segments').map((c) => [c.name, c] as const))('%s', async (_, c) => {
    expect(c.expected['property']).toBe('no segment contains both tones');
    const found = await tonesOfSuperpixels(c);
    expect(found.length).toBeGreaterThan(1);
    for (const tones of found) expect(tones.length).toBe(1);
  });
});
