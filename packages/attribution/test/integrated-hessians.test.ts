import { readFileSync } from 'node:fs';
import { float64, int64, toFloat64, type Attribution, type Tensor } from '@pathwise/model';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { build, networks, rows } from '../../model/testing/toy-arbitraries.ts';
import { toyModel } from '../../model/testing/toy-model.ts';
import { attribute, type AttributionRequest } from '../src/index.ts';
import { logarithmicRules } from '../src/quadrature/gauss-logarithmic.ts';

interface Case {
  readonly name: string;
  readonly outputs: string[];
  readonly inputs: { readonly x: number[]; readonly baseline: number[] };
  readonly nodes: number | null;
  readonly expected: { readonly interactions: number[][]; readonly rowSums: number[] };
  readonly tolerance: number;
}
interface Effects {
  readonly kind: string;
  readonly name: string;
  readonly outputs: string[];
  readonly inputs: { readonly x: number[]; readonly baseline: number[] };
  readonly expected: Record<string, number[][]>;
}
const read = (file: string): unknown => JSON.parse(readFileSync(new URL(`golden/${file}`, import.meta.url), 'utf8'));
const golden = read('integrated-hessians.json') as { cases: Case[] };
const polynomials = (read('effects.json') as { cases: Effects[] }).cases.filter(({ kind }) => kind === 'polynomial');
const row = (values: number[]): Tensor => float64([1, values.length], values);

const run = (
  { outputs, inputs }: Pick<Case, 'outputs' | 'inputs'>,
  params: AttributionRequest['params'] = {},
  more: Partial<AttributionRequest> = {},
) =>
  attribute(toyModel({ outputs, inputs: { x: inputs.x.length } }), 'integrated-hessians', {
    inputs: { x: row(inputs.x) },
    baseline: row(inputs.baseline),
    target: 0,
    params,
    ...more,
  });

test.each(golden.cases.map((c) => [c.name, c] as const))('%s', async (_, c) => {
  const a = await run(c, c.nodes === null ? {} : { nodes: String(c.nodes) });
  expect(a.interactions?.[0]?.pairs).toBeClose(c.expected.interactions.flat(), { atol: c.tolerance });
  expect(a.attributions['x']?.data).toBeClose(c.expected.rowSums, { atol: c.tolerance });
});

// Degree vectors: the term of degree k gives k_i k_j / |k|^2 of its value to the pair.
test.each(polynomials.map((c) => [c.name, c] as const))('polynomial: %s', async (_, c) => {
  const a = await run(c);
  expect(a.interactions?.[0]?.pairs).toBeClose(c.expected['integrated-hessians']?.flat() ?? [], { atol: 1e-11 });
  expect(a.convergenceDelta).toBeClose([0], { atol: 1e-11 });
});

// Moments of -ln u: the integral of u^k is 1 / (k + 1)^2; n nodes are exact up to degree 2 n - 1.
test.each([...logarithmicRules])(
  'Gauss rules for the weight -ln u on (0,1): %i nodes integrate polynomials',
  (n, { nodes, weights }) => {
    for (let k = 0; k < 2 * n; k++) {
      const sum = nodes.reduce((total, u, i) => total + (weights[i] ?? NaN) * u ** k, 0);
      expect(sum).toBeClose(1 / (k + 1) ** 2, { rtol: 1e-12 });
    }
  },
);

// The case of that name in ../shared/methods/paths.json, to the digits printed there.
test.each<[number, number[], number[]]>([
  [1, [0.25], [1]],
  [2, [0.11200880616697619, 0.6022769081187381], [0.7185393190303845, 0.2814606809696156]],
  [
    3,
    [0.0638907930873254, 0.36899706371561874, 0.7668803039389415],
    [0.5134045522323634, 0.39198004120148755, 0.09461540656614913],
  ],
])('Gauss rules for the weight -ln u on (0,1): nodes and weights of %i', (n, nodes, weights) => {
  const rule = logarithmicRules.get(n);
  expect(rule?.nodes).toBeClose(nodes, { rtol: 1e-14 });
  expect(rule?.weights).toBeClose(weights, { rtol: 1e-14 });
});

describe('rows sum to integrated gradients', () => {
  test.each([
    ['kinks', ['relu', 'abs'], { exact: true }],
    ['smooth', ['tanh', 'sigmoid'], { steps: 64 }],
  ] as const)('%s', async (_, activations, nodes) => {
    await fc.assert(
      fc.asyncProperty(networks(activations), rows(3), rows(3), async (network, x, from) => {
        const model = build(network);
        const request = { inputs: { x: row(x) }, baseline: row(from), target: 0 };
        const ig = await attribute(model, 'integrated-gradients', { ...request, ...nodes });
        const a = await attribute(model, 'integrated-hessians', { ...request, params: { nodes: '32' } });
        const scale = Math.max(1, ...Array.from(toFloat64(ig.attributions['x']?.data ?? []), Math.abs));
        // The slopes of random sigmoids are up to 24 times the distance: 32 nodes see them to some digits.
        const atol = ('exact' in nodes ? 1e-9 : 0.2) * scale;
        expect(a.attributions['x']?.data).toBeClose(ig.attributions['x']?.data ?? [], { atol });
        const pairs = a.interactions?.[0]?.pairs ?? [];
        for (let i = 0; i < 3; i++) for (let j = 0; j < 3; j++) expect(pairs[i * 3 + j]).toBe(pairs[j * 3 + i]);
      }),
      { numRuns: 25, seed: 5 },
    );
  });
});

test('groups have the sums of their members', async () => {
  const f = { outputs: ['x0*x1*x2+x2*x3'], inputs: { x: [1, 2, 3, 4], baseline: [0, 1, 0, 0] } };
  const [all, grouped] = [await run(f), await run(f, {}, { featureMask: int64([4], [9, 9, 3, 5]) })];
  const pairs = all.interactions?.[0]?.pairs ?? [];
  const groups = [[2], [3], [0, 1]];
  const sums = groups.flatMap((a) =>
    groups.map((b) => a.reduce((s, i) => s + b.reduce((t, j) => t + (pairs[i * 4 + j] ?? NaN), 0), 0)),
  );
  expect(grouped.interactions?.[0]?.pairs).toBeClose(sums, { atol: 1e-12 });
});

test('elements of no player stay at the input', async () => {
  // F = 5 x0 x1 between (0, 0, 5) and (2, 3, 5).
  const f = { outputs: ['x0*x1*x2'], inputs: { x: [2, 3, 5], baseline: [0, 0, 0] } };
  const a = await run(f, {}, { featureMask: int64([3], [0, 1, -1]) });
  expect(a.interactions?.[0]?.pairs).toBeClose([7.5, 7.5, 7.5, 7.5], { atol: 1e-12 });
  expect(a.convergenceDelta).toBeClose([0], { atol: 1e-12 });
});

describe('more kinks than are followed, or kinks and smooth parts: gradients beside the path', () => {
  const matrixOf = (a: Attribution): number[] => [...(a.interactions?.[0]?.pairs ?? [])];
  const l1 = (values: readonly number[]): number => values.reduce((sum, v) => sum + Math.abs(v), 0);
  const off = (found: readonly number[], truth: readonly number[]): number =>
    l1(found.map((v, k) => v - (truth[k] ?? NaN))) / l1(truth);

  // Two layers of 30 ReLUs, weights by a fixed formula: the truth is the path followed from kink to kink.
  const weight = (i: number): number => Math.sin(12.9898 * (i + 1)) * 1.5;
  const sumOf = (name: string, size: number, first: number): string =>
    Array.from({ length: size }, (_, i) => `(${weight(first + i)})*${name}${i}`).join('+');
  const deep = {
    inputs: { x: [1, -0.5, 0.8, 1.2], baseline: [-0.6, 0.4, -0.7, -0.9] },
    tensors: {
      h: Array.from({ length: 30 }, (_, i) => `relu(${sumOf('x', 4, 4 * i)}+${weight(900 + i)})`),
      k: Array.from({ length: 30 }, (_, i) => `relu(0.3*(${sumOf('h', 30, 200 + 30 * i)})+${weight(2000 + i)})`),
    },
    outputs: [sumOf('k', 30, 3000)],
  };
  const attributeDeep = (params: AttributionRequest['params']) =>
    attribute(toyModel({ ...deep, inputs: { x: 4 } }), 'integrated-hessians', {
      inputs: { x: row(deep.inputs.x) },
      baseline: row(deep.inputs.baseline),
      target: 0,
      params,
    });

  test('comes near the matrix of the kinks, as near as it says', async () => {
    const exact = await attributeDeep({});
    expect(exact.exact).toBe(true);
    const errors: number[] = [];
    for (const samples of [64, 256, 2048]) {
      const a = await attributeDeep({ kinks: 0, samples });
      expect(a.exact).toBeUndefined();
      expect(a.warnings.map(({ code }) => code)).toContain('kinks-sampled');
      expect(a.evaluations.gradient).toBe(5 * samples);
      const [stated = NaN] = a.error ?? [];
      errors.push(stated);
      expect(off(matrixOf(a), matrixOf(exact))).toBeLessThanOrEqual(stated);
      // Rows miss the integrated gradients by no more than the stated share of them.
      const [rows, truth] = [a, exact].map(({ attributions }) => Array.from(toFloat64(attributions['x']!.data)));
      expect(off(rows!, truth!)).toBeLessThan(1.5 * stated);
      const pairs = matrixOf(a);
      for (let i = 0; i < 4; i++) for (let j = 0; j < 4; j++) expect(pairs[4 * i + j]).toBe(pairs[4 * j + i]);
    }
    expect(errors[2]).toBeLessThan(0.6 * errors[0]!);
    expect(errors[2]).toBeLessThan(0.3);
  });

  test('a limit on the kinks is kept: one kink is followed at 1, and sampled at 0', async () => {
    const one = { outputs: ['relu(x0+x1-1)'], inputs: { x: [1, 1], baseline: [0, 0] } };
    expect((await run(one, { kinks: 1 })).exact).toBe(true);
    const sampled = await run(one, { kinks: 0, samples: 4096 });
    // paths.md section 18: ln 2 / 4 beside, 1/2 - ln 2 / 4 on the diagonal.
    const pair = Math.LN2 / 4;
    const [stated = NaN] = sampled.error ?? [];
    expect(off(matrixOf(sampled), [0.5 - pair, pair, pair, 0.5 - pair])).toBeLessThanOrEqual(stated);
    expect(stated).toBeLessThan(0.02);
  });

  test('smooth functions have their second derivatives', async () => {
    const smooth = { outputs: ['x0*x1+abs(x0+5)'], inputs: { x: [2, 3], baseline: [0, 0] } };
    // x0 x1 has 3/2 in each cell, abs(x0 + 5) is x0 + 5 on the path; the sum is no polynomial to the structure.
    const a = await run({ ...smooth, outputs: ['x0*x1+abs(x0+5)+0*tanh(x0)'] }, { samples: 512 });
    expect(matrixOf(a)).toBeClose([3.5, 1.5, 1.5, 1.5], { atol: 0.01 });
  });

  test('kinks and smooth parts: rows sum to integrated gradients, to the error', async () => {
    const mixed = { outputs: ['relu(x0-1)*tanh(x1)'], inputs: { x: [2, 1], baseline: [0, 0] } };
    const a = await run(mixed, { samples: 4096 });
    const ig = await attribute(toyModel({ outputs: mixed.outputs }), 'integrated-gradients', {
      inputs: { x: row([2, 1]) },
      target: 0,
      tolerance: 1e-6,
    });
    const [stated = NaN] = a.error ?? [];
    expect(stated).toBeLessThan(0.02);
    const rows = Array.from(toFloat64(a.attributions['x']!.data));
    expect(off(rows, Array.from(toFloat64(ig.attributions['x']!.data)))).toBeLessThan(0.02);
  });
});

test('the cost: a gradient and a Hessian product for each feature, at every node', async () => {
  const a = await run({ outputs: ['x0*x1*tanh(x2)'], inputs: { x: [1, 1, 1], baseline: [0, 0, 0] } }, { nodes: '5' });
  expect(a.evaluations).toEqual({ forward: 2, gradient: 5 * (1 + 3) });
});

test('many features are to be grouped', async () => {
  const outputs = [Array.from({ length: 65 }, (_, i) => `x${i}`).join('+')];
  const x = new Array<number>(65).fill(1);
  await expect(run({ outputs, inputs: { x, baseline: x.map(() => 0) } })).rejects.toThrow(
    /65 features have 4225 pairs/,
  );
});
