import { float64, int64, toFloat64, type Attribution } from '@pathwise/model';
import { describe, expect, test } from 'vitest';
import { toyModel } from '../../model/testing/toy-model.ts';
import { attribute, type AttributionRequest } from '../src/index.ts';

const map = (a: Attribution): number[] => Array.from(toFloat64(a.attributions['x']?.data ?? []));
const sumOf = (weights: readonly number[]): string => weights.map((w, i) => `(${w})*x${i}`).join('+');

/** F = sum of w x: from black and white together A_i = w_i (x_i - (low + high) / 2). */
describe('linear functions of a 2 x 2 image of three channels', () => {
  const weights = [1, 2, 3, 4, -1, 0, 1, 2, 0.5, 1, 1, -2];
  const x = [0, 1, 0.5, 0, 1, 1, 0, 0, 0, 1, 0.5, 1];
  const middle = x.map((value, i) => (weights[i] ?? NaN) * (value - 0.5));
  const model = () => toyModel({ inputs: { x: [3, 2, 2] }, outputs: [sumOf(weights)] });
  const request: AttributionRequest = {
    inputs: { x: float64([1, 3, 2, 2], x) },
    target: 0,
    steps: 2,
    featureMask: int64([2, 2], [0, 1, 0, 1]),
    params: { minPixelDifference: 1 },
  };
  const channelsOf = (pixel: number): number[] => [0, 1, 2].map((c) => middle[4 * c + pixel] ?? NaN);
  const columns = (merge: (values: number[]) => number): number[] => {
    const [a, b, c, d] = [0, 1, 2, 3].map((pixel) => merge(channelsOf(pixel))) as [number, number, number, number];
    return [(a + c) / 2, (b + d) / 2, (a + c) / 2, (b + d) / 2];
  };

  test('the largest of the channels, meaned over groups; its sum is no change of F', async () => {
    const a = await attribute(model(), 'xrai', request);
    expect(a.attributions['x']?.shape).toEqual([1, 1, 2, 2]);
    expect(map(a)).toBeClose(
      columns((values) => Math.max(...values)),
      { atol: 1e-12 },
    );
    expect([a.convergenceDelta, a.relativeDelta]).toEqual([null, null]);
  });

  test('the sum of the channels is complete', async () => {
    const a = await attribute(model(), 'xrai', { ...request, params: { minPixelDifference: 1, channels: 'sum' } });
    expect(map(a)).toBeClose(
      columns((values) => values.reduce((s, v) => s + v, 0)),
      { atol: 1e-12 },
    );
    expect(a.convergenceDelta).toBeClose([0], { atol: 1e-12 });
    // F is w (low + high) / 2 on average at black and white.
    expect(a.outputAtBaseline).toBeClose([weights.reduce((s, w) => s + w, 0) / 2], { atol: 1e-12 });
    expect(a.evaluations.gradient).toBe(4);
  });

  test('a baseline takes the place of black and white; ranges say what they are', async () => {
    const params = { minPixelDifference: 1, channels: 'sum' };
    const zeros = await attribute(model(), 'xrai', { ...request, params, baseline: 'zeros' });
    expect(map(zeros).reduce((s, v) => s + v, 0)).toBeClose(
      x.reduce((s, v, i) => s + v * (weights[i] ?? NaN), 0),
      { atol: 1e-12 },
    );
    const wide = await attribute(model(), 'xrai', { ...request, params, ranges: { x: [-1, 3] } });
    expect(wide.outputAtBaseline).toBeClose([weights.reduce((s, w) => s + w, 0)], { atol: 1e-12 });
  });

  test('ids that differ by channel overlap: a pixel is in the groups of all its channels', async () => {
    // Group 0 is all pixels by the first channel, group 1 the first pixel by the second; the third is in none.
    const featureMask = int64([3, 2, 2], [0, 0, 0, 0, 1, -1, -1, -1, -1, -1, -1, -1]);
    const params = { minPixelDifference: 1, channels: 'sum' };
    const a = await attribute(model(), 'xrai', { ...request, featureMask, params });
    const sums = [0, 1, 2, 3].map((pixel) => channelsOf(pixel).reduce((s, v) => s + v, 0));
    const total = sums.reduce((s, v) => s + v, 0);
    const [first = NaN] = sums;
    const expected =
      first > total / 4
        ? [first, ...new Array<number>(3).fill((total - first) / 3)]
        : new Array<number>(4).fill(total / 4);
    expect(map(a)).toBeClose(expected, { atol: 1e-12 });
  });

  test('without a region of 50 pixels the map is one mean, and a warning says so', async () => {
    const a = await attribute(model(), 'xrai', { ...request, featureMask: undefined, params: { channels: 'sum' } });
    expect(map(a)).toBeClose(new Array<number>(4).fill(middle.reduce((s, v) => s + v, 0) / 4), { atol: 1e-12 });
    expect(a.warnings.map(({ code }) => code)).toContain('no-region');
  });
});

// Two tones, the left dark. F weighs all pixels of a half alike, so whatever segments keep to the edge give its value.
test.each([
  ['rows x columns', [12, 12], [12, 12], 1],
  ['channels first', [3, 12, 12], [1, 12, 12], 3],
  ['channels last', [12, 12, 3], [12, 12, 1], 3],
])('segments follow the edge of two tones: %s', async (_, shape, mapShape, channels) => {
  const isLast = shape.at(-1) === 3;
  const isRight = (i: number): boolean => (isLast ? Math.floor(i / 3) : i) % 12 >= 6;
  const size = 144 * channels;
  const tones = Array.from({ length: size }, (__, i) => (isRight(i) ? 1 : 0));
  const weights = tones.map((tone) => (tone === 1 ? 4 : 1));
  const model = toyModel({ inputs: { x: shape }, outputs: [sumOf(weights)] });
  for (const algorithm of ['full', 'fast']) {
    const a = await attribute(model, 'xrai', {
      inputs: { x: float64([1, ...shape], tones) },
      target: 0,
      steps: 1,
      params: { minPixelDifference: 1, dilation: 0, algorithm },
    });
    expect(a.attributions['x']?.shape).toEqual([1, ...mapShape]);
    // 4 (1 - 1/2) and 1 (0 - 1/2); channels are alike.
    const expected = Array.from({ length: 144 }, (__, pixel) => (pixel % 12 >= 6 ? 2 : -0.5));
    expect(map(a)).toBeClose(expected, { atol: 1e-12 });
  }
});

describe('parameters of the segments', () => {
  const tones = Array.from({ length: 144 }, (_, i) => (i % 12 >= 6 ? 1 : 0));
  const model = () => toyModel({ inputs: { x: [12, 12] }, outputs: [sumOf(tones.map((tone) => 1 + 3 * tone))] });
  const mapOf = async (params: AttributionRequest['params'], x: readonly number[] = tones) =>
    map(
      await attribute(model(), 'xrai', {
        inputs: { x: float64([1, 12, 12], x) },
        target: 0,
        steps: 1,
        params: { minPixelDifference: 1, ...params },
      }),
    );

  // Halves of 112 x 224 pixels are the only segments of at least 20000. The right one grows by a column of -1/2 to six of 2.
  test('regions grow by the dilation; minSize joins what is smaller', async () => {
    const found = await mapOf({ minSize: 20000, dilation: 1 });
    const expected = tones.map((_, i) => (i % 12 >= 5 ? (6 * 2 - 0.5) / 7 : -0.5));
    expect(found).toBeClose(expected, { atol: 1e-12 });
    const grown = await mapOf({ minSize: 20000, dilation: 20 });
    expect(grown).toBeClose(new Array<number>(144).fill(0.75), { atol: 1e-12 });
  });

  test('a scale that joins everything, and none at all', async () => {
    expect(await mapOf({ scales: [1e9] })).toBeClose(new Array<number>(144).fill(0.75), { atol: 1e-12 });
    expect(new Set(await mapOf({ scales: [0], dilation: 0 })).size).toBeGreaterThan(1);
  });

  test('a blur changes what is alike', async () => {
    const texture = tones.map((tone, i) => tone / 2 + ((7 * i) % 11) / 22);
    const sharp = await mapOf({ sigma: 0, dilation: 0 }, texture);
    expect(await mapOf({ sigma: 12, dilation: 0 }, texture)).not.toEqual(sharp);
  });
});

test('every row has its own segments', async () => {
  const weights = Array.from({ length: 144 }, (_, i) => i % 5);
  const model = () => toyModel({ inputs: { x: [12, 12] }, outputs: [sumOf(weights)] });
  const rows = [(i: number) => (i % 12 >= 4 ? 1 : 0), (i: number) => (i < 36 ? 0.3 : 0.9)].map((tone) =>
    Array.from({ length: 144 }, (_, i) => tone(i)),
  );
  const request = { target: 0, steps: 1, params: { minPixelDifference: 5, dilation: 1 } };
  const both = await attribute(model(), 'xrai', { ...request, inputs: { x: float64([2, 12, 12], rows.flat()) } });
  for (const [row, values] of rows.entries()) {
    const alone = await attribute(model(), 'xrai', { ...request, inputs: { x: float64([1, 12, 12], values) } });
    expect(map(both).slice(144 * row, 144 * (row + 1))).toEqual(map(alone));
    expect(new Set(map(alone)).size).toBeGreaterThan(1);
  }
});

test('a signal that comes after the gradients ends it before the segments', async () => {
  const controller = new AbortController();
  const failed = attribute(toyModel({ inputs: { x: [2, 2] }, outputs: ['x0*x1+x2'] }), 'xrai', {
    inputs: { x: float64([1, 2, 2], [1, 2, 3, 4]) },
    target: 0,
    steps: 3,
    signal: controller.signal,
    onProgress: ({ done, total }) => (done === total ? controller.abort() : undefined),
  });
  await expect(failed).rejects.toMatchObject({ code: 'CANCELLED' });
});

test('what is no image is refused', async () => {
  const two = toyModel({ inputs: { x: [2, 2], c: [2] }, outputs: ['x0+c0'] });
  const inputs = { x: float64([1, 2, 2], [1, 2, 3, 4]), c: float64([1, 2], [1, 2]) };
  const failed = attribute(two, 'xrai', { inputs, target: 0 });
  await expect(failed).rejects.toThrow(/one image of channels x height x width.*Name other inputs in constants/);
  expect((await attribute(two, 'xrai', { inputs, constants: ['c'], target: 0 })).attributions['x']?.shape).toEqual([
    1, 2, 2,
  ]);
  const tokens = toyModel({ embeddings: { ids: { table: [[0], [1]], tokens: 2, output: 'e' } }, outputs: ['e0+e1'] });
  const words = attribute(tokens, 'xrai', { inputs: { ids: int64([1, 2], [0, 1]) }, target: 0 });
  await expect(words).rejects.toThrow(/of tokens/);
});
