// Every case of ../shared/methods/paths.json from the file itself: its function, its numbers, all of its expected values.
import {
  float64,
  int64,
  normalOf,
  philox,
  randomNormal,
  randomPermutation,
  randomPick,
  randomUniform,
  randomWord,
  streams,
  type Attribution,
  type Stream,
  type Target,
} from '@pathwise/model';
import { describe, expect, test } from 'vitest';
import { sharedData } from '../../../model/testing/shared-data.ts';
import { toyModel } from '../../../model/testing/toy-model.ts';
import type { Border } from '../../src/baselines/baseline.ts';
import { gaussianBlur } from '../../src/baselines/blur.ts';
import { farthest, gaussianRow, uniformRow } from '../../src/baselines/named.ts';
import { independentDraw, stratifiedDraws } from '../../src/evaluate/baseline-draws.ts';
import { attribute, type AttributionRequest } from '../../src/index.ts';
import { logarithmicRules } from '../../src/quadrature/gauss-logarithmic.ts';
import { felzenszwalb } from '../../src/segments/felzenszwalb.ts';
import { rankRegions } from '../../src/segments/rank-regions.ts';
import {
  attributionsOf,
  expectAll,
  modelOf,
  referenceCases,
  requestOf,
  tensorOf,
  valuesOf,
  type Computed,
  type ReferenceCase,
  type Value,
} from './reference-case.ts';
import { gridWorld } from './grid-world.ts';

const { path, present } = sharedData('methods/paths.json');
const cases = present ? referenceCases(path) : [];
const listOf = (value: unknown): number[] => value as number[];
const byToken = (values: number[]): number[] => [0, 2].map((i) => (values[i] as number) + (values[i + 1] as number));

const SUM_OF_SQUARES: Target = (y: Float64Array) => ({
  value: y.reduce((sum, v) => sum + v * v, 0),
  gradient: y.map((v) => 2 * v),
});

function targetOf({ params: { target }, inputs }: ReferenceCase): Pick<AttributionRequest, 'target' | 'scale'> {
  if (typeof target === 'string' && target.startsWith('callback')) return { target: SUM_OF_SQUARES };
  if (Array.isArray(target)) {
    expect(target.length).toBe(listOf(inputs['x']).length);
    return { target: { perRow: target as number[] } };
  }
  if (typeof target === 'object' && 'probability' in target)
    return { target: target.probability as number, scale: 'probability' };
  return { target: target as Target };
}

/** The function of several inputs, or of tokens, that a few cases have. */
async function ofOtherInputs(c: ReferenceCase): Promise<Computed> {
  const { inputs, params } = c;
  const outputs = c.function?.outputs ?? [];
  const { quadrature, steps } = params as { quadrature: 'midpoint'; steps: number };
  const nodes = c.method === 'integrated-gradients' ? { quadrature, steps } : { steps };
  if (inputs['ids'] !== undefined) {
    const ids = (name: string) => int64([1, 2], listOf(inputs[name]));
    const embeddings = { ids: { table: inputs['embeddingTable'] as number[][], tokens: 2, output: 'e' } };
    const model = toyModel({ embeddings, outputs: outputs.map((o) => o.replaceAll('x', 'e')) });
    const a = await attribute(model, c.method, {
      inputs: { ids: ids('ids') },
      baseline: ids('baselineIds'),
      target: 0,
      ...nodes,
    });
    const attributions = attributionsOf(a, 'e');
    return { attributions, perToken: byToken(attributions), convergenceDelta: a.convergenceDelta };
  }
  const tensor = (name: string) => tensorOf(inputs[name] as Value, false);
  const constants = params['constant'] as string[] | undefined;
  const a = await attribute(toyModel({ inputs: { a: 1, b: 1 }, outputs }), c.method, {
    inputs: { a: tensor('a'), b: tensor('b') },
    baseline: { perInput: { a: tensor('baseline a'), ...(constants === undefined && { b: tensor('baseline b') }) } },
    target: 0,
    ...nodes,
    ...(constants !== undefined && { constants }),
  });
  const { convergenceDelta } = a;
  return { 'attributions a': attributionsOf(a, 'a'), 'attributions b': attributionsOf(a, 'b'), convergenceDelta };
}

type Draw = readonly [baseline: number, alpha: number];

/** What a case expects besides attributions. */
async function others(c: ReferenceCase, a: Attribution, request: AttributionRequest): Promise<Computed> {
  const again = (method: string, more: Partial<AttributionRequest> = {}) => {
    const { inputs, baseline, target } = request;
    const own = baseline === undefined ? {} : { baseline };
    return attribute(modelOf(c, false), method, { inputs, target, ...own, ...more });
  };
  const [curve] = a.curves ?? [];
  const { params, expected } = c;
  const computed: Record<string, unknown> = {};
  const has = (key: string): boolean => expected[key] !== undefined;
  if (curve !== undefined) {
    const { outputs, gradientNorms, halfChangeAlpha, gradients } = curve;
    Object.assign(computed, { outputs, gradientNorms, halfChangeAlpha, gradients: gradients?.['x']?.data });
  }
  if (has('limit')) {
    const isSet = c.method === 'expected-gradients';
    const all = { seed: undefined, params: { ...request.params, coalitions: 'all', rounds: 1 } };
    const limit = isSet
      ? await again('integrated-gradients', { steps: 4 })
      : await again(c.method, { ...request, ...all });
    computed['limit'] = attributionsOf(limit);
  }
  if (has('draws')) {
    const { seed, samples, sampling } = params as { seed: number; samples: number; sampling: string };
    const found = sampling === 'iid' ? Array.from({ length: samples }, (_, i) => independentDraw(seed, 4, i)) : null;
    const draws = found ?? stratifiedDraws(seed, 4, samples, 0);
    computed['draws'] = draws.map(({ baseline, alpha }): Draw => [baseline, alpha]);
  }
  if (has('perSample')) {
    // Means over one, two, ... of the samples, whose differences are the samples.
    const sums = [[0, 0]];
    for (let n = 1; n <= (params['samples'] as number); n++) {
      const mean = await again(c.method, { seed: 42, params: { ...request.params, samples: n } });
      sums.push(attributionsOf(mean).map((v) => v * n));
    }
    computed['perSample'] = sums.slice(1).map((sum, n) => sum.map((v, i) => v - (sums[n]?.[i] ?? NaN)));
  }
  if (has('sigma')) {
    // The same with the scale of the noise in numbers: only the expected sigma gives these attributions.
    const { noiseLevel: _, ...rest } = request.params ?? {};
    const fixed = await again(c.method, { seed: 42, params: { ...rest, sigma: [expected['sigma'] as number] } });
    expect(attributionsOf(fixed)).toBeClose(attributionsOf(a), { rtol: 1e-12 });
    computed['sigma'] = expected['sigma'];
  }
  if (has('normalizedToSum')) {
    const scaled = await again(c.method, { ...request, params: { ...request.params, normalize: 'sum' } });
    computed['normalizedToSum'] = attributionsOf(scaled);
  }
  if (has('coalitionsUsed')) computed['coalitionsUsed'] = coalitionsUsed(c, a);
  if (has('permutation')) computed['permutation'] = randomPermutation(42, streams.coalition, 4);
  if (has('shapley')) computed['shapley'] = attributionsOf(await again('shapley'));
  if (has('integratedGradients'))
    computed['integratedGradients'] = attributionsOf(await again('integrated-gradients', { steps: 8 }));
  if (has('exact')) {
    const exact = attributionsOf(await again('integrated-gradients', { exact: true }));
    computed['exact'] = exact;
    computed['perFeatureError'] = attributionsOf(a).map((v, i) => v - (exact[i] ?? NaN));
  }
  if (has('cumulativeExact')) computed['cumulativeExact'] = await pieces(c, again);
  if (has('blurred')) {
    const x = Float64Array.from(listOf(c.inputs['x']));
    computed['blurred'] = gaussianBlur(x, [x.length], [0], params['sigmaMax'] as number, params['border'] as Border);
  }
  return computed;
}

/** Integrated gradients up to each alpha. */
async function pieces(c: ReferenceCase, again: (method: string, more: object) => Promise<Attribution>) {
  const x = listOf(c.inputs['x']);
  const found: number[][] = [];
  for (const alpha of listOf(c.params['alphas'])) {
    const inputs = {
      x: tensorOf(
        x.map((v) => v * alpha),
        false,
      ),
    };
    found.push(
      attributionsOf(await again('integrated-gradients', { inputs, steps: 40, quadrature: 'gauss-legendre' })),
    );
  }
  return found;
}

/** One gradient a node and baseline; marginal: one forward run a coalition, of which x is one. */
function coalitionsUsed({ params }: Pick<ReferenceCase, 'params'>, { evaluations }: Attribution): number {
  const { gradient, forward } = evaluations;
  return params['contribution'] === 'marginal' ? forward : gradient / (params['steps'] as number);
}

const isImage = ({ method, inputs }: ReferenceCase): boolean =>
  method === 'blur-integrated-gradients' && Array.isArray(listOf(inputs['x'])[0]);

async function byMethod(c: ReferenceCase): Promise<Computed> {
  const isOne = isImage(c);
  const plain = requestOf(c, isOne);
  // The curve's gradients are kept on request; a half of the change is found by a fine curve; and one replicate is one design.
  const more = {
    ...(c.expected['gradients'] !== undefined && { keepGradients: true }),
    ...(c.params['sampling'] === 'stratified' && { replicates: 1 }),
  };
  const request: AttributionRequest = {
    ...plain,
    ...targetOf(c),
    ...(Object.keys(more).length > 0 && { params: { ...plain.params, ...more } }),
    ...(c.params['exactAlpha'] === true && { steps: 40_000 }),
  };
  const a = await attribute(modelOf(c, isOne), c.method, request);
  const [perBaseline, errors] = [a.perBaseline?.map(({ x }) => valuesOf(x)), valuesOf(a.standardErrors?.['x'])];
  return {
    ...a,
    attributions: attributionsOf(a),
    perBaseline,
    standardError: errors,
    ...(c.method === 'integrated-hessians' && {
      interactions: a.interactions?.[0]?.pairs,
      rowSums: attributionsOf(a),
    }),
    ...(await others(c, a, request)),
  };
}

/** Seeds, words and what they give. */
interface RandomCase {
  readonly name: string;
  readonly params: { readonly seed: number | string; readonly streams: Readonly<Record<string, number>> };
  readonly vectors: readonly {
    readonly counter: string[];
    readonly key: string[];
    readonly output: string[];
    readonly stream: Stream;
    readonly row: number;
    readonly word: string;
    readonly uniform?: number;
    readonly normal?: number;
  }[];
}

const hex = (word: number): string => word.toString(16).padStart(8, '0');
const word = (text: string): number => Number.parseInt(text, 16);

function random({ name, params, vectors }: RandomCase): void {
  if (params?.streams !== undefined) expect(streams).toEqual(params.streams);
  expect(vectors.length).toBeGreaterThan(0);
  for (const v of vectors) {
    if (v.output !== undefined) {
      const found = philox(v.counter.map(word) as never, v.key.map(word) as never);
      expect(found.map(hex)).toEqual(v.output);
    } else if (name === 'normal of a word') expect(normalOf(word(v.word))).toBe(v.normal);
    else {
      const seed = typeof params.seed === 'string' ? BigInt(params.seed) : params.seed;
      const { stream, word: expected, uniform, normal, ...draw } = v;
      expect(hex(randomWord(seed, stream, draw))).toBe(expected);
      if (uniform !== undefined) expect(randomUniform(seed, stream, draw)).toBe(uniform);
      if (normal !== undefined) expect(randomNormal(seed, stream, draw)).toBe(normal);
    }
  }
}

/** Cases that are no attribution of a function of algebra. */
const special: Readonly<Record<string, (c: ReferenceCase) => Computed | Promise<Computed>>> = {
  'baseline-blur': ({ inputs, params }) => {
    const x = Float64Array.from(listOf(inputs['x']));
    const { sigma, border, truncate } = params as { sigma: number; border: Border; truncate: number };
    expect(truncate).toBe(4);
    return { baseline: gaussianBlur(x, [x.length], [0], sigma, border) };
  },
  'baseline-max-distance': ({ inputs, params }) => ({
    baseline: farthest(Float64Array.from(listOf(inputs['x'])), [params['low'] as number, params['high'] as number]),
  }),
  baselines: ({ inputs, params }) => {
    const { low, high, sigma, seed, count } = params as Record<'low' | 'high' | 'sigma' | 'seed' | 'count', number>;
    const x = Float64Array.from(listOf(inputs['x']));
    const places = Array.from({ length: count }, (_, sample) => ({ seed, sample, tensor: 0 }));
    const scale = sigma * (high - low);
    return {
      uniform: places.map((place) => uniformRow(x.length, [low, high], place)),
      gaussian: places.map((place) => gaussianRow(x, scale, null, place)),
      gaussianClipped: places.map((place) => gaussianRow(x, scale, [low, high], place)),
    };
  },
  random: ({ params: { seed } }) => ({
    'permutationOf6, stream coalition, sample 0': randomPermutation(seed as number, streams.coalition, 6),
    'sample 1': randomPermutation(seed as number, streams.coalition, 6, { sample: 1 }),
    'pick of 5, samples 0..7': Array.from({ length: 8 }, (_, sample) =>
      randomPick(seed as number, streams.pick, 5, { sample }),
    ),
  }),
  xrai: ({ inputs, params }) => {
    const base = Float64Array.from((inputs['baseAttribution'] as number[][]).flat());
    const [, regions] = Object.entries(inputs).find(([name]) => name.startsWith('segments')) as [string, number[][]];
    const { algorithm, minPixelDifference, areaThreshold } = params as { algorithm: 'full' } & Record<string, number>;
    const options = { algorithm, minPixelDifference, areaThreshold };
    const { map, ranks } = rankRegions(
      base,
      regions.map((pixels) => Int32Array.from(pixels)),
      options,
    );
    return { attributions: map, ranks };
  },
  'xrai-segmentation': ({ inputs, params }) => {
    expect(inputs['image']).toBe('6x8x3 zeros; columns 4..7 = 1; pixel (row 2, column 1) = 0.3 in all channels');
    const plane = Float64Array.from({ length: 48 }, (_, i) => (i === 2 * 8 + 1 ? 0.3 : i % 8 < 4 ? 0 : 1));
    const { scale, sigma, minSize: sizes } = params as { scale: number; sigma: number; minSize: number[] };
    return Object.fromEntries(
      sizes.map((minSize) => {
        const [labels] = felzenszwalb([plane, plane, plane], 6, 8, { scales: [scale], sigma, minSize });
        return [`minSize ${minSize}`, labels];
      }),
    );
  },
};

describe.skipIf(!present)('reference cases of paths', () => {
  test.each(cases.map((c) => [c.name, c] as const))('%s', async (name, c) => {
    if (c.method === 'random' && c.expected === undefined) return random(c as unknown as RandomCase);
    if (c.method === 'integrated-hessians-quadrature') {
      const { rules } = c as unknown as { rules: Record<string, { nodes: number[]; weights: number[] }> };
      for (const [n, rule] of Object.entries(rules)) {
        const found = logarithmicRules.get(Number(n));
        expect(found?.nodes).toBeClose(rule.nodes, { rtol: 1e-12 });
        expect(found?.weights).toBeClose(rule.weights, { rtol: 1e-12 });
      }
      return;
    }
    const compute = async (): Promise<Computed> => {
      if (name === 'grid world') return gridWorld(c);
      if (name === 'relu at zero') {
        const each = (target: number) => attribute(modelOf(c, false), c.method, { ...requestOf(c), target });
        return { attributions: [attributionsOf(await each(0)), attributionsOf(await each(1))] };
      }
      const other = special[c.method];
      if (other !== undefined) return other(c);
      return c.inputs['x'] === undefined ? ofOtherInputs(c) : byMethod(c);
    };
    expectAll(c.expected, await compute(), Math.max(c.tolerance ?? 1e-12, 1e-14));
  });
});

test('an expected value that nothing is computed for fails', () => {
  expect(() => expectAll({ attributions: [1], other: 2 }, { attributions: [1] }, 1e-9)).toThrow(/"other"/);
  expect(() => expectAll({ attributions: [1] }, { attributions: float64([1], [1.1]).data }, 1e-9)).toThrow(/element 0/);
});
