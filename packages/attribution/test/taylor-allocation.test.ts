import { readFileSync } from 'node:fs';
import { float64, int64, toFloat64, type Allocation, type Tensor } from '@pathwise/model';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { build, networks, rows } from '../../model/testing/toy-arbitraries.ts';
import { toyModel } from '../../model/testing/toy-model.ts';
import { attribute, type AttributionRequest } from '../src/index.ts';

interface Case {
  readonly name: string;
  readonly kind: string;
  readonly outputs: string[];
  readonly inputs: { readonly x: number[]; readonly baseline: number[] };
  readonly expected: {
    readonly dividends: Record<string, number>;
    readonly difference: number;
    readonly parts: Record<string, number[]>;
  };
}
const golden = JSON.parse(readFileSync(new URL('golden/effects.json', import.meta.url), 'utf8')) as { cases: Case[] };
const row = (values: number[]): Tensor => float64([1, values.length], values);
const maskOf = (players: readonly number[]): number => players.reduce((mask, player) => mask | (1 << player), 0);

async function measure(
  { outputs, inputs }: Pick<Case, 'outputs' | 'inputs'>,
  methods: string[],
  more: Partial<AttributionRequest> = {},
): Promise<Allocation[]> {
  const model = toyModel({ outputs, inputs: { x: inputs.x.length } });
  const { allocation } = await attribute(model, 'taylor-allocation', {
    inputs: { x: row(inputs.x) },
    baseline: row(inputs.baseline),
    target: 0,
    // Polynomials of degree 16 are integrated exactly.
    steps: 8,
    ...more,
    params: { methods, ...more.params },
  });
  return [...(allocation?.[0] ?? [])];
}

describe('parts of the effects', () => {
  const parts = golden.cases.find(({ name }) => name === 'P5, parts of the dividends') as Case;
  const polynomials = golden.cases.filter(({ kind }) => kind === 'polynomial').map((c) => [c.name, c] as const);
  const p5 = polynomials.find(([name]) => name.startsWith('P5 '))?.[1] as Case;

  test('integrated gradients share by degree: P5, parts of the dividends', async () => {
    const [found] = await measure(p5, ['integrated-gradients']);
    expect(found?.parts.length).toBe(7);
    for (const { players, value, parts: own } of found?.parts ?? []) {
      expect(own).toBeClose(parts.expected.parts[maskOf(players)] ?? [], { atol: 1e-12 });
      expect(value).toBeClose(parts.expected.dividends[maskOf(players)] ?? NaN, { atol: 1e-12 });
    }
    // The pairs {12}, {13}, {23}: shares 1/3, 2/3, four times 1/2, weighted by 1, 4 and 2.
    expect(found?.pairs).toMatchObject({ pairs: 3 });
    expect(found?.pairs?.spread).toBeClose((2 * (1 / 6)) / 14, { rtol: 1e-9 });
  });

  // coalitions.md section 12: the weights of linear values.
  test.each(polynomials)('equal shares of Shapley values, all to each by occlusion: %s', async (_, c) => {
    const n = c.inputs.x.length;
    const [shapley, occlusion] = await measure(c, ['shapley', 'occlusion']);
    for (const [found, weight] of [
      [shapley, (size: number) => 1 / size],
      [occlusion, () => 1],
    ] as const) {
      expect(found?.parts.length).toBeGreaterThan(0);
      for (const { players, parts: own } of found?.parts ?? []) {
        const effect = c.expected.dividends[maskOf(players)] ?? NaN;
        const expected = Array.from({ length: n }, (__, i) =>
          players.includes(i) ? effect * weight(players.length) : 0,
        );
        expect(own).toBeClose(expected, { atol: 1e-10 });
      }
      expect(found?.unrelated).toBeClose(0, { atol: 1e-12 });
    }
    expect(shapley?.verdict).toEqual({ related: true, complete: true });
    expect(shapley?.gap).toBeClose(0, { atol: 1e-12 });
  });

  test('parts of all effects add up to the attributions', async () => {
    await fc.assert(
      fc.asyncProperty(networks(['relu', 'tanh']), rows(3), async (network, x) => {
        const model = build(network);
        const request = { inputs: { x: row(x) }, target: 0, steps: 4 };
        const ig = await attribute(model, 'integrated-gradients', request);
        const found = await attribute(model, 'taylor-allocation', {
          ...request,
          params: { methods: ['integrated-gradients'] },
        });
        const sums = [0, 0, 0];
        for (const { parts: own } of found.allocation?.[0]?.[0]?.parts ?? [])
          for (const [i, v] of own.entries()) sums[i] = (sums[i] ?? 0) + v;
        const scale = Math.max(...toFloat64(ig.attributions['x']?.data ?? []).map(Math.abs), 1);
        // Effects within rounding are left out.
        expect(sums).toBeClose(ig.attributions['x']?.data ?? [], { atol: 1e-4 * scale });
      }),
      { numRuns: 15, seed: 2 },
    );
  });
});

describe('verdicts', () => {
  // P3: F = x1 x2 at (3, 2): G x input and occlusion give 6 to each, so twice the change.
  const p3 = { outputs: ['x0*x1'], inputs: { x: [3, 2], baseline: [0, 0] } };

  test('effects that are given out twice are incomplete', async () => {
    for (const found of await measure(p3, ['occlusion', 'input-x-gradient'])) {
      expect(found).toMatchObject({ gap: 1, unrelated: 0, incomplete: 1, copies: 4 });
      expect(found.verdict).toEqual({ related: true, complete: false });
    }
  });

  test('a patch gives to those who are absent', async () => {
    const wide = toyModel({ outputs: ['x0+x1+x2+x3+x4+x5+x6+x7+x8+x9+x10+x11+x12+x13+x14+x15'] });
    const found = await attribute(wide, 'taylor-allocation', {
      inputs: { x: row(new Array<number>(16).fill(1)) },
      target: 0,
      params: { methods: ['occlusion-patch'], order: 1 },
    });
    // Windows of two: of 16 copies with one player, half of what is given goes to the neighbour, and the row itself is right.
    expect(found.allocation?.[0]?.[0]).toMatchObject({ unrelated: 0.5, incomplete: 1, gap: 1, copies: 18 });
  });

  // Copies {1}, {2}, {12}: F changes by 10, 10 and 21, of which x1 x2 = 1 is given to both.
  test('the verdict keeps what the limit allows', async () => {
    const smooth = { outputs: ['x0*x1+10*x0+10*x1'], inputs: { x: [1, 1], baseline: [0, 0] } };
    const [strict] = await measure(smooth, ['occlusion']);
    expect(strict?.incomplete).toBeClose(1 / 41, { rtol: 1e-9 });
    expect(strict?.verdict.complete).toBe(false);
    const [loose] = await measure(smooth, ['occlusion'], { params: { limit: 0.03 } });
    expect(loose?.verdict.complete).toBe(true);
  });
});

test('what features do is there too, as harsanyi has it', async () => {
  const model = toyModel({ outputs: ['x0*x1+x2'] });
  const request = { inputs: { x: row([2, 3, 1]) }, target: 0 };
  const [own, harsanyi] = [
    await attribute(model, 'taylor-allocation', request),
    await attribute(model, 'harsanyi', request),
  ];
  expect(own.interactions).toEqual(harsanyi.interactions);
  expect(own.attributions).toEqual(harsanyi.attributions);
  expect(own.allocation?.[0]?.map(({ method }) => method)).toEqual(['shapley', 'integrated-gradients', 'occlusion']);
});

test('groups, and elements that are never switched', async () => {
  // x3 stays at 2: F = x0 x1 x3 + x2 between (0, 0, 0, 2) and (1, 1, 1, 2).
  const model = toyModel({ outputs: ['x0*x1*x3+x2'] });
  const a = await attribute(model, 'taylor-allocation', {
    inputs: { x: row([1, 1, 1, 2]) },
    target: 0,
    steps: 4,
    featureMask: int64([4], [5, 5, 7, -1]),
    params: { methods: ['integrated-gradients', 'shapley'] },
  });
  expect(a.perPlayer).toEqual([[2, 1]]);
  for (const found of a.allocation?.[0] ?? []) {
    expect(found.gap).toBeClose(0, { atol: 1e-12 });
    expect(found.incomplete).toBeClose(0, { atol: 1e-12 });
    expect(found.parts.map(({ parts }) => parts.map((v) => Math.round(v * 1e9) / 1e9))).toEqual([
      [2, 0],
      [0, 1],
    ]);
  }
});

test('sets up to an order: copies with few players, and the row itself', async () => {
  const model = toyModel({ outputs: ['x0*x1*x2*x3'] });
  const a = await attribute(model, 'taylor-allocation', {
    inputs: { x: row([1, 1, 1, 1]) },
    target: 0,
    params: { methods: ['shapley'], order: 2 },
  });
  expect(a.allocation?.[0]?.[0]).toMatchObject({ copies: 12, gap: 0, parts: [] });
});

test.each<[string, AttributionRequest['params'], object, RegExp]>([
  ['unknown methods', { methods: ['saliency'] }, {}, /one or more of .*shapley/],
  ['layers are not measured', { methods: ['grad-cam'] }, {}, /one or more of/],
  ['no method', { methods: [] }, {}, /one or more of/],
  ['another baseline than zeros', { methods: ['input-x-gradient'] }, { baseline: 1 }, /zeros, since input-x-gradient/],
])('refused: %s', async (_, params, more, message) => {
  const model = toyModel({ outputs: ['x0*x1'] });
  const failed = attribute(model, 'taylor-allocation', { inputs: { x: row([1, 1]) }, target: 0, params, ...more });
  await expect(failed).rejects.toMatchObject({ code: 'BAD_ARGUMENT' });
  await expect(failed).rejects.toThrow(message);
});

test('too many copies are refused with a way out', async () => {
  const model = toyModel({ outputs: [Array.from({ length: 20 }, (_, i) => `x${i}`).join('+')] });
  const failed = attribute(model, 'taylor-allocation', {
    inputs: { x: row(new Array<number>(20).fill(1)) },
    target: 0,
  });
  await expect(failed).rejects.toThrow(/20 players have 1048576 sets of up to 20; at most 65536. Set order=2 or 3/);
});
