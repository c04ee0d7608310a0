import { readFileSync } from 'node:fs';
import { float32, float64, int64, type Attribution } from '@pathwise/model';
import { describe, expect, test } from 'vitest';
import { toyModel } from '../../../model/testing/toy-model.ts';
import { attribute } from '../attribute.ts';
import type { Baseline, Border } from './baseline.ts';
import { gaussianBlur } from './blur.ts';
import { farthest, gaussianRow, uniformRow } from './named.ts';

interface Case {
  readonly name: string;
  readonly method: string;
  readonly inputs: { readonly x: number[] };
  readonly params: Readonly<Record<string, number>> & { readonly border: Border };
  readonly expected: { readonly baseline: number[] } & Readonly<Record<string, number[][]>>;
  readonly tolerance: number;
}
const golden = JSON.parse(readFileSync(new URL('../../test/golden/paths.json', import.meta.url), 'utf8')) as {
  cases: Case[];
};

describe('closed-form cases', () => {
  test.each(golden.cases.filter(({ method }) => method === 'baseline-blur'))(
    '$name',
    ({ inputs, params, expected }) => {
      const blurred = gaussianBlur(
        Float64Array.from(inputs.x),
        [inputs.x.length],
        [0],
        params['sigma'] ?? 0,
        params.border,
      );
      expect(blurred).toBeClose(expected.baseline, { atol: 1e-12 });
    },
  );

  test('max-distance', () => {
    const { inputs, expected } = golden.cases.find(({ method }) => method === 'baseline-max-distance') as Case;
    expect([...farthest(Float64Array.from(inputs.x), [0, 1])]).toEqual(expected.baseline);
  });

  test('random baselines', () => {
    const { inputs, params, expected } = golden.cases.find(({ name }) => name === 'random baselines') as Case;
    const { low, high, sigma: share, seed } = params as unknown as Record<'low' | 'high' | 'sigma' | 'seed', number>;
    const sigma = share * (high - low);
    for (const sample of [0, 1]) {
      const place = { seed, sample, tensor: 0 };
      const x = Float64Array.from(inputs.x);
      expect(uniformRow(3, [low, high], place)).toBeClose(expected['uniform']?.[sample] ?? [], { atol: 1e-14 });
      expect(gaussianRow(x, sigma, null, place)).toBeClose(expected['gaussian']?.[sample] ?? [], { atol: 1e-14 });
      expect(gaussianRow(x, sigma, [low, high], place)).toBeClose(expected['gaussianClipped']?.[sample] ?? [], {
        atol: 1e-14,
      });
    }
  });
});

describe('blur', () => {
  test('sigma below 0.125 is the identity; a constant stays with reflect and nearest', () => {
    const row = Float64Array.of(3, 1, 4);
    expect(gaussianBlur(row, [3], [0], 0.12)).toEqual(row);
    for (const border of ['reflect', 'nearest'] as const) {
      expect(gaussianBlur(new Float64Array(12).fill(2), [3, 4], [0, 1], 2, border)).toBeClose(
        new Float64Array(12).fill(2),
        { rtol: 1e-14 },
      );
    }
  });
});

/** F = sum of x0..: with a linear model the attributions are x - x', so the baseline can be read off. */
async function baselineSeen(
  x: number[],
  shape: number[],
  baseline: Baseline,
  seed = 0,
  channelsLast: readonly string[] = [],
): Promise<Attribution> {
  const size = shape.reduce((a, b) => a * b, 1);
  const sum = Array.from({ length: size }, (_, i) => `x${i}`).join('+');
  const rows = x.length / size;
  return attribute(toyModel({ inputs: { x: shape }, outputs: [sum], channelsLast }), 'integrated-gradients', {
    inputs: { x: float64([rows, ...shape], x) },
    target: 0,
    steps: 1,
    baseline,
    seed,
  });
}
const seen = async (
  x: number[],
  shape: number[],
  baseline: Baseline,
  channelsLast: readonly string[] = [],
): Promise<number[]> => {
  const a = await baselineSeen(x, shape, baseline, 0, channelsLast);
  return x.map((v, i) => v - Number(a.attributions['x']?.data[i]));
};

describe('baselines of a request', () => {
  const image = [1, 3, 5, 7, 10, 20, 30, 40];

  test.each<[string, Baseline, number[]]>([
    ['zeros', 'zeros', [0, 0, 0, 0, 0, 0, 0, 0]],
    ['a number', 2, [2, 2, 2, 2, 2, 2, 2, 2]],
    ['per channel', { perChannel: [1, -1] }, [1, 1, 1, 1, -1, -1, -1, -1]],
    ['mean', 'mean', [4, 4, 4, 4, 25, 25, 25, 25]],
    ['max-distance in the range of the row', 'max-distance', [40, 40, 40, 40, 40, 40, 1, 1]],
    ['one shared row', float32([2, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8]), [1, 2, 3, 4, 5, 6, 7, 8]],
    ['a row each', float32([1, 2, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8]), [1, 2, 3, 4, 5, 6, 7, 8]],
  ])('%s', async (_, baseline, expected) => {
    expect(await seen(image, [2, 2, 2], baseline)).toBeClose(expected, { atol: 1e-12 });
  });

  test('blur:S blurs the spatial axes of every channel', async () => {
    const [a, b] = [image.slice(0, 4), image.slice(4)].map((c) =>
      gaussianBlur(Float64Array.from(c), [2, 2], [0, 1], 1),
    );
    expect(await seen(image, [2, 2, 2], 'blur:1')).toBeClose([...(a ?? []), ...(b ?? [])], { atol: 1e-12 });
  });

  // The same two images of 2 x 2 as above, their pixels side by side.
  test('of inputs whose channels are last', async () => {
    const pixels = [0, 1, 2, 3].flatMap((pixel) => [image[pixel] as number, image[4 + pixel] as number]);
    const last = (baseline: Baseline): Promise<number[]> => seen(pixels, [2, 2, 2], baseline, ['x']);
    expect(await last({ perChannel: [1, -1] })).toBeClose([1, -1, 1, -1, 1, -1, 1, -1], { atol: 1e-12 });
    expect(await last('mean')).toBeClose([4, 25, 4, 25, 4, 25, 4, 25], { atol: 1e-12 });
    const first = await seen(image, [2, 2, 2], 'blur:1');
    const blurred = [0, 1, 2, 3].flatMap((pixel) => [first[pixel] as number, first[4 + pixel] as number]);
    expect(await last('blur:1')).toBeClose(blurred, { atol: 1e-12 });
  });

  test('uniform:N and gaussian:N average over N draws and name the seed', async () => {
    const a = await baselineSeen([0, 1], [2], 'uniform:3', 42);
    expect(a.perBaseline?.length).toBe(3);
    expect(a.seed).toBe(42);
    const draws = [0, 1, 2].map((sample) => uniformRow(2, [0, 1], { seed: 42, sample, tensor: 0 }));
    const mean = [0, 1].map((i) => draws.reduce((sum, d) => sum + (d[i] ?? 0), 0) / 3);
    expect(a.attributions['x']?.data).toBeClose([0 - (mean[0] ?? 0), 1 - (mean[1] ?? 0)], { atol: 1e-12 });
    expect((await baselineSeen([0, 1], [2], 'gaussian:2', 7)).perBaseline?.length).toBe(2);
  });

  test('weights of a set', async () => {
    const set = float64([2, 2], [0, 0, 4, 8]);
    expect(await seen([1, 1], [2], { set, weights: [0.75, 0.25] })).toBeClose([1, 2]);
  });

  test('a set of each row', async () => {
    const set = float64([2, 2, 1], [0, 2, 10, 20]);
    expect(await seen([1, 1], [1], { set, perRow: true })).toBeClose([1, 15]);
  });

  test.each<[string, Baseline, number[]]>([
    ['mean needs spatial axes', 'mean', [2]],
    ['blur needs spatial axes', 'blur:2', [2]],
    ['unknown name', 'grey' as 'zeros', [2]],
    ['no sigma', 'blur:', [1, 2]],
    ['zero draws', 'uniform:0', [2]],
    ['fractional draws', 'gaussian:1.5', [2]],
    ['weights that do not sum to 1', { set: float64([2, 2], [0, 0, 0, 0]), weights: [0.9, 0.2] }, [2]],
    ['channels that do not fit', { perChannel: [1, 2, 3] }, [1, 2]],
    ['an id for floats', { id: 3 }, [2]],
  ])('%s', async (_, baseline, shape) => {
    await expect(baselineSeen([1, 2], shape, baseline)).rejects.toMatchObject({ code: 'BAD_ARGUMENT' });
  });

  test('a tensor of another shape names the shapes that fit', async () => {
    await expect(baselineSeen([1, 2], [2], float64([3], [0, 0, 0]))).rejects.toThrowErrorMatchingInlineSnapshot(
      `[PathwiseError: baseline: expected shape [2], [1,2] or [1,2] for x, got [3]]`,
    );
    await expect(baselineSeen([1, 2], [2], int64([2, 2], [0, 0, 0, 0]))).rejects.toMatchObject({ code: 'BAD_SHAPE' });
  });
});

// What the compiler does not see in plain JavaScript.
test.each<[string, unknown, string]>([
  ['an object of another kind', { tensors: {} }, 'tensors'],
  ['nothing', null, 'null'],
  ['a truth value', true, 'true'],
])('%s is no baseline', async (_name, baseline, said) => {
  const explained = baselineSeen([1, 2], [2], baseline as Baseline);
  await expect(explained).rejects.toMatchObject({
    code: 'BAD_ARGUMENT',
    message: expect.stringContaining(said) as string,
  });
});
