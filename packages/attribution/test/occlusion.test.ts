import { readFileSync } from 'node:fs';
import { float64, int64, toFloat64, type Tensor } from '@pathwise/model';
import { describe, expect, test } from 'vitest';
import { toyModel } from '../../model/testing/toy-model.ts';
import { attribute, type AttributionRequest } from '../src/index.ts';

interface Case {
  readonly name: string;
  readonly kind: 'polynomial' | 'game' | 'design' | 'set' | 'windows';
  readonly outputs: string[];
  readonly inputs: { readonly x: number[]; readonly baseline: number[] | number; readonly baselines: number[][] };
  readonly params: { readonly patches?: number[][]; readonly window?: number; readonly stride?: number };
  readonly expected: Record<string, number[]> & Record<string, Record<'mean' | 'sum', number[]>>;
}
const golden = JSON.parse(readFileSync(new URL('golden/coalitions.json', import.meta.url), 'utf8')) as {
  cases: Case[];
};
const of = (kind: Case['kind'], quantity?: string): (readonly [string, Case])[] =>
  golden.cases
    .filter((c) => c.kind === kind && (quantity === undefined || c.expected[quantity] !== undefined))
    .map((c) => [c.name, c] as const);

const row = (values: number[]): Tensor => float64([1, values.length], values);
const values = (t: Tensor | undefined): number[] => Array.from(toFloat64(t?.data ?? new Float64Array()));
const maskOf = (patches: number[][], count: number): Tensor => {
  const ids = new Array<number>(count).fill(-1);
  for (const [id, patch] of patches.entries()) for (const element of patch) ids[element] = id;
  return int64([count], ids);
};

describe('closed forms', () => {
  test.each(of('polynomial', 'occlusion-1'))('%s', async (_, { outputs, inputs, params, expected }) => {
    const model = toyModel({ outputs, inputs: { x: inputs.x.length } });
    const request = { inputs: { x: row(inputs.x) }, baseline: row(inputs.baseline as number[]), target: 0 };
    for (const method of ['occlusion', 'feature-ablation']) {
      const a = await attribute(model, method, request);
      expect(a.attributions['x']?.data).toBeClose(expected['occlusion-1'] as number[], { atol: 1e-12 });
      expect(a.evaluations).toEqual({ forward: 2 + inputs.x.length, gradient: 0 });
    }
    if (params.patches === undefined) return;
    const featureMask = maskOf(params.patches, inputs.x.length);
    const a = await attribute(model, 'feature-ablation', { ...request, featureMask });
    expect(a.attributions['x']?.data).toBeClose(expected['occlusion-patch'] as number[], { atol: 1e-12 });
    expect(a.perPlayer?.[0]?.length).toBe(params.patches.length);
    const change = (a.outputAtInput[0] ?? NaN) - (a.outputAtBaseline?.[0] ?? NaN);
    expect(change).toBeClose(expected['difference'] as unknown as number, { atol: 1e-12 });
    const sum = (a.perPlayer?.[0] ?? []).reduce((p, q) => p + q, 0);
    expect(a.convergenceDelta?.[0]).toBeClose(sum - change, { atol: 1e-12 });
  });

  test.each(of('set', 'occlusion-1'))('%s', async (_, { outputs, inputs, expected }) => {
    const a = await attribute(toyModel({ outputs }), 'occlusion', {
      inputs: { x: row(inputs.x) },
      baseline: { set: float64([3, 3], inputs.baselines.flat()) },
      target: 0,
    });
    expect(a.attributions['x']?.data).toBeClose(expected['occlusion-1'] as number[], { atol: 1e-12 });
  });

  test.each(of('windows'))('%s', async (_, { outputs, inputs, params, expected }) => {
    const request = { inputs: { x: row(inputs.x) }, target: 0 };
    for (const method of ['occlusion', 'occlusion-patch']) {
      for (const [edges, name] of [
        ['cover', 'covering'],
        ['inside', 'inside only'],
      ] as const) {
        for (const overlap of ['mean', 'sum'] as const) {
          const own = { window: [params.window ?? NaN], strides: [params.stride ?? NaN], edges, overlap };
          const a = await attribute(toyModel({ outputs }), method, { ...request, params: own });
          expect(a.attributions['x']?.data).toBeClose(expected[name]?.[overlap] ?? [], { atol: 1e-12 });
          const missed = (expected[name]?.sum ?? []).includes(0);
          expect(a.warnings.some(({ code }) => code === 'not-covered')).toBe(missed);
        }
      }
    }
  });
});

describe('windows', () => {
  const outputs = [Array.from({ length: 32 }, (_, i) => `${i + 1}*x${i}`).join('+')];
  const model = toyModel({ inputs: { x: [2, 4, 4] }, outputs });
  const inputs = { x: float64([1, 2, 4, 4], new Array<number>(32).fill(1)) };

  test('one number holds all channels', async () => {
    const a = await attribute(model, 'occlusion', { inputs, target: 0, params: { window: [2], strides: [2] } });
    const b = await attribute(model, 'occlusion', {
      inputs,
      target: 0,
      params: { window: [2, 2, 2], strides: [2, 2, 2] },
    });
    expect(values(a.attributions['x'])).toEqual(values(b.attributions['x']));
    // The window at the top left: elements 1, 2, 5, 6 of both channels, the second 16 more.
    expect(values(a.attributions['x'])[0]).toBe(2 * (1 + 2 + 5 + 6) + 4 * 16);
    expect(a.evaluations.forward).toBe(2 + 4);
  });

  test('the default patch is an eighth of every axis but the first', async () => {
    const a = await attribute(model, 'occlusion-patch', { inputs, target: 0 });
    expect(a.evaluations.forward).toBe(2 + 16);
    expect(values(a.attributions['x'])[5]).toBe(6 + 22);
  });

  test.each<[string, AttributionRequest['params'], RegExp]>([
    ['too many axes', { window: [1, 2, 2, 2] }, /an integer for each axis/],
    ['too wide', { window: [1, 5, 5] }, /1 to 2, 1 to 4, 1 to 4/],
    ['half', { window: [1.5] }, /an integer/],
    ['gaps', { window: [2], strides: [3] }, /at most the window \(2\), or edges=inside/],
  ])('%s', async (_, params, message) => {
    const failed = attribute(model, 'occlusion', { inputs, target: 0, ...(params && { params }) });
    await expect(failed).rejects.toMatchObject({ code: 'BAD_ARGUMENT' });
    await expect(failed).rejects.toThrow(message);
  });
});

describe('players', () => {
  const two = toyModel({ inputs: { x: 2, c: 2 }, outputs: ['x0*c0+x1+2*c1'] });
  const inputs = { x: row([3, 5]), c: row([2, 7]) };
  const ablate = (featureMask: AttributionRequest['featureMask']) =>
    attribute(two, 'feature-ablation', { inputs, target: 0, featureMask });

  test('an id in two inputs is one player; ids may have holes; -1 keeps its value', async () => {
    const a = await ablate({ x: int64([2], [7, 3]), c: int64([1, 2], [7, -1]) });
    expect(a.perPlayer).toEqual([[5, 6]]);
    expect(values(a.attributions['x'])).toEqual([6, 5]);
    expect(values(a.attributions['c'])).toEqual([6, 0]);
    expect(a.players?.count).toBe(2);
    expect(values(a.players?.ids['c'])).toEqual([7, -1]);
  });

  test('an input without a mask keeps a player each', async () => {
    const a = await ablate({ x: int64([2], [4, 4]) });
    expect(a.perPlayer).toEqual([[11, 6, 14]]);
  });

  test('masks broadcast to a row', async () => {
    const model = toyModel({ inputs: { x: [2, 3] }, outputs: ['x0+2*x1+4*x2+8*x3+16*x4+32*x5'] });
    const x = float64([1, 2, 3], [1, 1, 1, 1, 1, 1]);
    const run = async (featureMask: Tensor) =>
      (await attribute(model, 'feature-ablation', { inputs: { x }, target: 0, featureMask })).perPlayer;
    expect(await run(int64([1, 3], [0, 1, 1]))).toEqual([[9, 54]]);
    expect(await run(int64([2, 1], [5, 2]))).toEqual([[56, 7]]);
    expect(await run(int64([1, 2, 3], [0, 0, 0, 0, 0, 0]))).toEqual([[63]]);
  });

  test('tokens are players as a whole', async () => {
    const model = toyModel({
      embeddings: {
        ids: {
          table: [
            [0, 0],
            [1, 2],
            [3, -1],
          ],
          tokens: 2,
          output: 'e',
        },
      },
      outputs: ['(e0+2*e2)*(e1-e3)'],
    });
    const request = { inputs: { ids: int64([1, 2], [1, 2]) }, target: 0 };
    // F = 7 * 3 = 21; without the first token 6 * 1, without the second 1 * 2.
    for (const method of ['occlusion', 'feature-ablation']) {
      const a = await attribute(model, method, request);
      expect(a.perPlayer).toEqual([[15, 19]]);
      expect(values(a.attributions['e'])).toEqual([15, 15, 19, 19]);
    }
    const span = await attribute(model, 'feature-ablation', { ...request, featureMask: int64([1, 2], [0, 0]) });
    expect(span.perPlayer).toEqual([[21]]);
  });

  test.each<[string, AttributionRequest['featureMask'], string, RegExp]>([
    ['one mask for two inputs', int64([2], [0, 1]), 'BAD_ARGUMENT', /by name \(x, c\)/],
    ['an unknown input', { z: int64([2], [0, 1]) }, 'BAD_ARGUMENT', /\(x, c\)/],
    ['another shape', { x: int64([3], [0, 1, 2]) }, 'BAD_SHAPE', /\[2\], \[1,2\]/],
    ['halves', { x: float64([2], [0, 0.5]) }, 'BAD_ARGUMENT', /integers from -1/],
    ['nobody', { x: int64([1], [-1]), c: int64([1], [-1]) }, 'BAD_ARGUMENT', /at least one id/],
  ])('%s is refused', async (_, featureMask, code, message) => {
    await expect(ablate(featureMask)).rejects.toMatchObject({ code });
    await expect(ablate(featureMask)).rejects.toThrow(message);
  });

  test('a mask and a window contradict each other; gradients take no mask', async () => {
    const featureMask = { x: int64([2], [0, 1]) };
    const both = attribute(two, 'occlusion', { inputs, target: 0, featureMask, params: { window: [1] } });
    await expect(both).rejects.toThrow(/no windows beside a feature mask/);
    const gradient = attribute(two, 'gradient', { inputs, target: 0, featureMask });
    await expect(gradient).rejects.toThrow(/takes no featureMask/);
  });
});

describe('evaluation', () => {
  test('mixed inputs are selected: what is absent cannot leak', async () => {
    const model = toyModel({ outputs: ['x0+x1'] });
    const ablate = (x: number[], baseline: number[]) =>
      attribute(model, 'occlusion', { inputs: { x: row(x) }, baseline: row(baseline), target: 0 });
    // An infinite baseline that no coalition but the empty one would survive: the error names who is there.
    await expect(ablate([1, 2], [Infinity, 0])).rejects.toMatchObject({ code: 'NON_FINITE' });
    await expect(ablate([1, 2], [Infinity, 0])).rejects.toThrow(/row 0 with nobody at the input/);
    await expect(
      attribute(toyModel({ outputs: ['1/x0+1/(x1+1)'] }), 'occlusion', {
        inputs: { x: row([1, 0]) },
        baseline: row([2, -1]),
        target: 0,
      }),
    ).rejects.toThrow(/Infinity in row 0/);
  });

  test('rows have their own target and baseline', async () => {
    const model = toyModel({ outputs: ['x0*x1', 'x0-x1*x1'] });
    const [x, from] = [
      [3, 2, 1, 4],
      [1, 1, 0, -1],
    ];
    const run = (rows: number[][], baselines: number[][], targets: number[]) =>
      attribute(model, 'occlusion', {
        inputs: { x: float64([rows.length, 2], rows.flat()) },
        baseline: float64([rows.length, 2], baselines.flat()),
        target: { perRow: targets },
      });
    const both = await run([x.slice(0, 2), x.slice(2)], [from.slice(0, 2), from.slice(2)], [0, 1]);
    // 6 - 1 * 2, 6 - 3 * 1; (1 - 16) - (0 - 16), (1 - 16) - (1 - 1)
    expect(values(both.attributions['x'])).toEqual([4, 3, 1, -15]);
    const second = await run([x.slice(2)], [from.slice(2)], [1]);
    expect(values(second.attributions['x'])).toEqual(values(both.attributions['x']).slice(2));
  });

  test('progress reaches its total; cancelling between tiles ends it', async () => {
    const model = toyModel({ outputs: ['x0*x1*x2'] });
    const request = { inputs: { x: row([1, 2, 3]) }, target: 0, maxBytes: 2000 };
    const seen: number[][] = [];
    await attribute(model, 'occlusion', { ...request, onProgress: ({ done, total }) => seen.push([done, total]) });
    expect(seen).toEqual([
      [1, 3],
      [2, 3],
      [3, 3],
    ]);
    const controller = new AbortController();
    const cancelled = attribute(model, 'occlusion', {
      ...request,
      signal: controller.signal,
      onProgress: () => controller.abort(),
    });
    await expect(cancelled).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});
