import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { colourRange, palettePosition } from './colour-range.ts';
import { percentile } from './percentile.ts';

describe('percentile', () => {
  // Definition 7 of Hyndman and Fan on 0 … n: position p/100 * n, so the p-th percentile is p * n / 100.
  test.each([
    [0, 0],
    [50, 50],
    [99, 99],
    [99.5, 99.5],
    [100, 100],
  ])('%d %% of 0 to 100 is %d', (percent, expected) => {
    const values = Array.from({ length: 101 }, (_, i) => (i * 37) % 101);
    expect(percentile(values, percent)).toBeClose(expected, { atol: 1e-12 });
  });

  test('one value, and none', () => {
    expect(percentile([4], 99)).toBe(4);
    expect(percentile([], 99)).toBeNaN();
  });

  test('lies between the extremes and grows with the percentage', () => {
    const value = fc.double({ min: -1e6, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(fc.array(value, { minLength: 1 }), fc.nat(100), fc.nat(100), (values, a, b) => {
        const [low, high] = [percentile(values, Math.min(a, b)), percentile(values, Math.max(a, b))];
        expect(low).toBeLessThanOrEqual(high + 1e-9);
        expect(low).toBeGreaterThanOrEqual(Math.min(...values));
        expect(high).toBeLessThanOrEqual(Math.max(...values));
      }),
    );
  });
});

describe('colourRange', () => {
  // |values| are 0 … 100, 99 % of the positions 0 … 100 is 99: one value of 101 lies beyond.
  test('clips at the 99th percentile of the absolute values', () => {
    const values = Array.from({ length: 101 }, (_, i) => (i % 2 === 0 ? i : -i));
    expect(colourRange(values)).toEqual({ limit: 99, largest: 100, clippedShare: 1 / 101, percentile: 99 });
    expect(colourRange(values, { clipPercentile: 50 })).toMatchObject({ limit: 50, clippedShare: 50 / 101 });
  });

  test('nothing is clipped at 100', () => {
    expect(colourRange([1, -8], { clipPercentile: 100 })).toEqual({
      limit: 8,
      largest: 8,
      clippedShare: 0,
      percentile: null,
    });
  });

  test('a sparse map keeps its few values', () => {
    const values = new Float64Array(1000);
    values[3] = -2;
    expect(colourRange(values)).toMatchObject({ limit: 2, clippedShare: 0, percentile: null });
  });

  test('all zero', () => {
    expect(colourRange([0, 0])).toEqual({ limit: 0, largest: 0, clippedShare: 0, percentile: null });
  });

  test('a given limit wins', () => {
    expect(colourRange([1, 2, 3, 4], { limit: 2 })).toMatchObject({ limit: 2, clippedShare: 0.5, percentile: null });
  });

  test.each([0, -1, 101, Number.NaN])('percentile %d is refused', (clipPercentile) => {
    expect(() => colourRange([1], { clipPercentile })).toThrow(/expected a number above 0 and at most 100/u);
  });

  test.each([0, -1, Infinity])('limit %d is refused', (limit) => {
    expect(() => colourRange([1], { limit })).toThrow(/expected a positive number for limit/u);
  });
});

test.each([
  ['signed', -2, -0.5],
  ['signed', 9, 1],
  ['positive', -2, 0],
  ['positive', 2, 0.5],
  ['negative', -2, -0.5],
  ['negative', 2, 0],
  ['absolute', -2, 0.5],
] as const)('%s: %d on a scale of 4 is at %d', (show, value, expected) => {
  expect(palettePosition(value, show, 4)).toBe(expected);
});

test('a scale of zero has only its middle', () => {
  expect(palettePosition(0, 'signed', 0)).toBe(0);
});
