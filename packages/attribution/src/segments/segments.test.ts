import { float64, int64, toFloat64 } from '@pathwise/model';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toyModel } from '../../../model/testing/toy-model.ts';
import { attribute } from '../attribute.ts';
import { gridSegments } from './grid.ts';
import { joinPieces } from './join-pieces.ts';
import { labColours } from './lab.ts';
import { slic } from './slic.ts';

describe('grid', () => {
  // 5 x 5 with a side of 2: nine players, the last a single pixel.
  test('squares, cut at the border, for channels first and last', () => {
    const rows = [0, 0, 1, 1, 2, 0, 0, 1, 1, 2, 3, 3, 4, 4, 5, 3, 3, 4, 4, 5, 6, 6, 7, 7, 8];
    const first = gridSegments([3, 5, 5], 2);
    expect([first.shape, Array.from(first.labels)]).toEqual([[5, 5], rows]);
    const last = gridSegments([5, 5, 3], 2);
    expect([last.shape, Array.from(last.labels)]).toEqual([[5, 5, 1], rows]);
    // Seven channels do not look like an image: the model says so.
    const said = gridSegments([5, 5, 7], 2, 2);
    expect([said.shape, Array.from(said.labels)]).toEqual([[5, 5, 1], rows]);
  });

  test('columns and series', () => {
    expect(gridSegments([5], 2)).toEqual({ shape: [5], labels: Int32Array.of(0, 0, 1, 1, 2) });
    expect(gridSegments([2, 3], 2)).toEqual({ shape: [3], labels: Int32Array.of(0, 0, 1) });
  });
});

// White is L = 100 and grey axes are 0; the primaries as published for sRGB and D65 (for example in Lindbloom's tables).
test('CIELAB', () => {
  const [l, a, b] = labColours(
    Float64Array.of(1, 0, 1, 0, 0),
    Float64Array.of(1, 0, 0, 1, 0),
    Float64Array.of(1, 0, 0, 0, 1),
  );
  expect(l).toBeClose([100, 0, 53.24, 87.73, 32.3], { atol: 0.01 });
  expect(a).toBeClose([0, 0, 80.09, -86.18, 79.19], { atol: 0.02 });
  expect(b).toBeClose([0, 0, 67.2, 83.18, -107.86], { atol: 0.02 });
});

describe('SLIC', () => {
  const tones = (height: number, width: number, border: number): Float64Array =>
    Float64Array.from({ length: height * width }, (_, i) => (i % width < border ? 0 : 100));

  test('no segment holds two tones', () => {
    const image = tones(8, 8, 5);
    const labels = slic([image], 8, 8, { segments: 4, compactness: 10 });
    const seen = new Map<number, number>();
    for (const [pixel, label] of labels.entries()) {
      expect(seen.get(label) ?? image[pixel]).toBe(image[pixel]);
      seen.set(label, image[pixel] ?? NaN);
    }
    expect(seen.size).toBeGreaterThan(1);
  });

  test('a flat image is cut into squares', () => {
    const labels = slic([new Float64Array(64)], 8, 8, { segments: 4, compactness: 10 });
    expect(Array.from(labels)).toEqual(
      Array.from({ length: 64 }, (_, i) => 2 * Math.floor(i / 32) + Math.floor((i % 8) / 4)),
    );
  });

  test('segments are connected and numbered by their first pixels, on any image', () => {
    const images = fc.array(fc.double({ min: 0, max: 100, noNaN: true }), { minLength: 96, maxLength: 96 });
    fc.assert(
      fc.property(images, fc.integer({ min: 1, max: 20 }), (image, segments) => {
        const labels = slic([Float64Array.from(image)], 8, 12, { segments, compactness: 10 });
        expect(Array.from(joinPieces(labels, 8, 12, 96 / (4 * segments)))).toEqual(Array.from(labels));
        let next = 0;
        for (const label of labels) {
          expect(label).toBeLessThanOrEqual(next);
          next = Math.max(next, label + 1);
        }
      }),
      { numRuns: 40, seed: 1 },
    );
  });
});

test('pieces join the longest border', () => {
  // The 1 in the corner touches 0 by one side and 2 by one: the first. The single 3 lies inside of 2.
  const labels = Int32Array.from([1, 0, 0, 0, 2, 2, 1, 1, 2, 3, 1, 1, 2, 2, 1, 1]);
  expect(Array.from(joinPieces(labels, 4, 4, 1))).toEqual([0, 0, 0, 0, 1, 1, 2, 2, 1, 3, 2, 2, 1, 1, 2, 2]);
  expect(Array.from(joinPieces(labels, 4, 4, 2))).toEqual([0, 0, 0, 0, 1, 1, 2, 2, 1, 1, 2, 2, 1, 1, 2, 2]);
});

describe('as a feature mask', () => {
  const model = () =>
    toyModel({ inputs: { x: [1, 4, 4] }, outputs: [Array.from({ length: 16 }, (_, i) => `${i}*x${i}`).join('+')] });
  const x = float64([1, 1, 4, 4], [0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1]);

  test('grid', async () => {
    const a = await attribute(model(), 'feature-ablation', { inputs: { x }, target: 0, featureMask: 'grid:2' });
    expect(a.perPlayer).toEqual([[0, 2 + 3 + 6 + 7, 0, 10 + 11 + 14 + 15]]);
    expect(a.players?.ids['x']?.shape).toEqual([1, 4, 4]);
  });

  test('superpixels of the image', async () => {
    const a = await attribute(model(), 'shapley', { inputs: { x }, target: 0, featureMask: 'slic:4' });
    const ids = Array.from(toFloat64(a.players?.ids['x']?.data ?? new Float64Array()));
    expect(ids.slice(0, 2)).not.toContain(ids[2]);
    expect(a.perPlayer?.[0]?.reduce((s, v) => s + v, 0)).toBeClose(68, { atol: 1e-12 });
  });

  // Two tones of 144 x 2 pixels, the edge blurred; F sums the pixels. A scale far above 255 joins all.
  test('pixels of like colour, joined up to a scale', async () => {
    const size = 24 * 12;
    const wide = toyModel({
      inputs: { x: [1, 12, 24] },
      outputs: [Array.from({ length: size }, (_, i) => `x${i}`).join('+')],
    });
    const tones = Array.from({ length: size }, (_, i) => (i % 24 < 12 ? 0 : 2));
    const ask = { inputs: { x: float64([1, 1, 12, 24], tones) }, target: 0 };
    const two = await attribute(wide, 'feature-ablation', { ...ask, featureMask: 'felzenszwalb:40' });
    expect(two.perPlayer?.[0]?.length).toBeGreaterThan(1);
    expect(two.perPlayer?.[0]?.reduce((s, v) => s + v, 0)).toBe(size);
    const one = await attribute(wide, 'feature-ablation', { ...ask, featureMask: 'felzenszwalb:1000000' });
    expect(one.perPlayer).toEqual([[size]]);
  });

  test('segments of two inputs are players of their own', async () => {
    const two = toyModel({ inputs: { x: 2, c: 2 }, outputs: ['x0+x1+c0+c1'] });
    const inputs = { x: float64([1, 2], [1, 2]), c: float64([1, 2], [3, 4]) };
    const a = await attribute(two, 'feature-ablation', { inputs, target: 0, featureMask: 'grid:2' });
    expect(a.perPlayer).toEqual([[3, 7]]);
  });

  test.each<[string, string, RegExp]>([
    ['an unknown name', 'voronoi:3', /grid:SIDE, slic:SEGMENTS or felzenszwalb:SCALE/],
    ['no size', 'grid:0', /grid:SIDE/],
  ])('%s is refused', async (_, featureMask, message) => {
    const failed = attribute(model(), 'shapley', { inputs: { x }, target: 0, featureMask: featureMask as 'grid:1' });
    await expect(failed).rejects.toThrow(message);
  });

  test('superpixels of several rows, of a table and of tokens are refused', async () => {
    const rows = { x: float64([2, 1, 4, 4], [...toFloat64(x.data), ...toFloat64(x.data)]) };
    const several = attribute(model(), 'shapley', { inputs: rows, target: 0, featureMask: 'slic:4' });
    await expect(several).rejects.toThrow(/Explain rows singly/);
    const table = toyModel({ outputs: ['x0+x1'] });
    const flat = attribute(table, 'shapley', {
      inputs: { x: float64([1, 2], [1, 2]) },
      target: 0,
      featureMask: 'slic:2',
    });
    await expect(flat).rejects.toThrow(/an image of channels/);
    const tokens = toyModel({ embeddings: { ids: { table: [[0], [1]], tokens: 2, output: 'e' } }, outputs: ['e0+e1'] });
    const words = attribute(tokens, 'shapley', {
      inputs: { ids: int64([1, 2], [0, 1]) },
      target: 0,
      featureMask: 'grid:1',
    });
    await expect(words).rejects.toThrow(/tokens, no image/);
  });
});
