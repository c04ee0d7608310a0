import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { rankRegions } from './rank-regions.ts';

// ../shared/methods/paths.md, section 17: by the algorithm.
const base = Float64Array.from([8, 8, 1, 1, 8, 8, 1, 1, 0, 0, 4, 0, 0, 0, 0, 0]);
const regions = [
  [0, 1, 4, 5],
  [0, 1, 2, 3, 4, 5, 6, 7],
  [10, 11, 14, 15],
  [5, 6, 9, 10],
].map((pixels) => Int32Array.from(pixels));

describe('worked example of 4 x 4', () => {
  test('full', () => {
    const { map, ranks, areas } = rankRegions(base, regions, { algorithm: 'full' });
    const third = 5 / 3;
    expect(map).toBeClose([8, 8, 1, 1, 8, 8, third, 1, 0, third, third, 0, 0, 0, 0, 0], { atol: 1e-12 });
    expect(Array.from(ranks)).toEqual([1, 1, 3, 3, 1, 1, 2, 3, 5, 2, 2, 4, 5, 5, 4, 4]);
    expect(areas).toBe(4);
  });

  test('fast', () => {
    const { map, ranks } = rankRegions(base, regions, { algorithm: 'fast' });
    expect(map).toBeClose([8, 8, 1, 1, 8, 8, 1, 1, 0, 2, 2, 0, 0, 0, 0, 0], { atol: 1e-12 });
    expect(Array.from(ranks)).toEqual([1, 1, 3, 3, 1, 1, 3, 3, 5, 2, 2, 4, 5, 5, 4, 4]);
  });

  // 4 of 16 pixels are covered after the first, 7 after the second.
  test.each([
    [0.24, 1],
    [0.25, 2],
    [0.43, 2],
    [0.44, 3],
  ])('no more once more than %d of the image is covered', (areaThreshold, areas) => {
    expect(rankRegions(base, regions, { areaThreshold }).areas).toBe(areas);
  });

  // The centre adds 3 pixels, the corner 3 and the rest of the top 3 or 4.
  test('regions that add too little are left out', () => {
    const { map, areas } = rankRegions(base, regions, { minPixelDifference: 4 });
    expect(areas).toBe(3);
    // The centre has 3 new pixels and falls out: the top adds 4 of 1 on average, the corner 4 of 1; the first wins.
    expect(map).toBeClose([8, 8, 1, 1, 8, 8, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1], { atol: 1e-12 });
    expect(rankRegions(base, regions, { algorithm: 'fast', minPixelDifference: 5 }).areas).toBe(1);
  });
});

// Both have the mean 2; what is left of the other is 1.
test('of equal regions the first is taken', () => {
  const two = [Int32Array.of(0, 1), Int32Array.of(1, 2)];
  const values = Float64Array.of(1, 3, 1);
  for (const algorithm of ['full', 'fast'] as const) {
    expect(Array.from(rankRegions(values, two, { algorithm }).map)).toEqual([2, 2, 1]);
    expect(Array.from(rankRegions(values, two.toReversed(), { algorithm }).map)).toEqual([1, 2, 2]);
  }
});

test('without a region the map is the mean', () => {
  const { map, ranks, areas } = rankRegions(Float64Array.of(1, 2, 6), []);
  expect([Array.from(map), Array.from(ranks), areas]).toEqual([[3, 3, 3], [1, 1, 1], 0]);
});

const overlapping = fc.tuple(
  fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 12, maxLength: 12 }),
  fc.array(fc.uniqueArray(fc.nat({ max: 11 }), { minLength: 1 }), { maxLength: 6 }),
  fc.constantFrom('full' as const, 'fast' as const),
);

test('the map sums to the attributions; ranks fall with it; the best region is one area', () => {
  fc.assert(
    fc.property(overlapping, ([values, lists, algorithm]) => {
      const attributions = Float64Array.from(values);
      const own = lists.map((list) => Int32Array.from(list));
      const { map, ranks, areas } = rankRegions(attributions, own, { algorithm });
      const sum = (list: Float64Array): number => list.reduce((a, b) => a + b, 0);
      expect(sum(map)).toBeClose(sum(attributions), { atol: 1e-12 });
      const ranked = Array.from(ranks, (rank, i) => ({ rank, gain: map[i] ?? NaN })).filter(
        ({ rank }) => rank <= areas,
      );
      for (const a of ranked)
        for (const b of ranked) if (a.rank < b.rank) expect(a.gain).toBeGreaterThanOrEqual(b.gain);
      const means = lists.map((list) => list.reduce((s, i) => s + (values[i] ?? NaN), 0) / list.length);
      // Taken first and whole; what others add later may be better yet, without the pixels that both hold.
      const best = Math.max(...means);
      if (lists.length > 0)
        expect(Math.min(...ranked.map(({ gain }) => Math.abs(gain - best)))).toBeClose(0, { atol: 1e-12 });
    }),
    { numRuns: 100, seed: 4 },
  );
});

// Regions that share no pixel keep their means, whatever the order.
test('full and fast agree on regions that do not overlap: the mean of each', () => {
  const labels = fc.array(fc.nat({ max: 3 }), { minLength: 12, maxLength: 12 });
  fc.assert(
    fc.property(
      labels,
      fc.array(fc.integer({ min: -8, max: 8 }), { minLength: 12, maxLength: 12 }),
      (label, values) => {
        const lists = [0, 1, 2, 3].map((k) => Int32Array.from(label.keys()).filter((i) => label[i] === k));
        const means = lists.map((list) => list.reduce((s, i) => s + (values[i] ?? NaN), 0) / list.length);
        const expected = label.map((k) => means[k] ?? NaN);
        const attributions = Float64Array.from(values);
        expect(rankRegions(attributions, lists).map).toBeClose(expected, { atol: 1e-12 });
        expect(rankRegions(attributions, lists, { algorithm: 'fast' }).map).toBeClose(expected, { atol: 1e-12 });
      },
    ),
    { numRuns: 60, seed: 5 },
  );
});
