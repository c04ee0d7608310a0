import { describe, expect, test } from 'vitest';
import { attributionOf } from '../test/helpers.ts';
import { featureMap, regionsOf } from './feature-map.ts';
import { selectRow } from './select-row.ts';

// Two channels of 1 × 2 pixels: (1, -5) and (3, 2).
const planes = [1, 3, -5, 2];

describe('featureMap', () => {
  test('NCHW: sum of the channels, and the strongest of them with its sign', () => {
    const row = selectRow(attributionOf([1, 2, 1, 2], planes));
    expect(featureMap(row)).toEqual({ width: 2, height: 1, channels: 2, values: Float64Array.of(-4, 5) });
    expect(featureMap(row, { reduce: 'max-abs' }).values).toEqual(Float64Array.of(-5, 3));
  });

  test('NHWC: the same pixels, channels last', () => {
    const row = selectRow(attributionOf([1, 1, 2, 2], [1, -5, 3, 2]));
    const map = featureMap(row, { layout: 'nhwc' });
    expect(map).toEqual({ width: 2, height: 1, channels: 2, values: Float64Array.of(-4, 5) });
  });

  test('no channel axis', () => {
    const row = selectRow(attributionOf([1, 2, 3], [1, 2, 3, 4, 5, 6]));
    expect(featureMap(row)).toMatchObject({ width: 3, height: 2, channels: 1 });
  });

  test('the second row of a batch', () => {
    const row = selectRow(attributionOf([2, 1, 1, 2], [1, 2, 3, 4]), { row: 1 });
    expect(featureMap(row).values).toEqual(Float64Array.of(3, 4));
  });

  test('other ranks are refused', () => {
    const row = selectRow(attributionOf([1, 4], [1, 2, 3, 4]));
    expect(() => featureMap(row)).toThrow(/expected shape \[rows,c,h,w\], \[rows,h,w,c\] or \[rows,h,w\] for x/u);
  });
});

describe('regionsOf', () => {
  test('nine regions of a 3 × 3 map are its pixels', () => {
    const values = Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9);
    const regions = regionsOf({ width: 3, height: 3, channels: 1, values });
    expect(regions.map((r) => r.sum)).toEqual([...values]);
    expect(regions[4]?.name).toBe('centre');
  });

  test('a single pixel is the centre; sums add up to the whole', () => {
    expect(regionsOf({ width: 1, height: 1, channels: 1, values: Float64Array.of(-3) })).toEqual([
      { name: 'centre', sum: -3 },
    ]);
    const values = Float64Array.from({ length: 35 }, (_, i) => i - 7);
    const sum = regionsOf({ width: 7, height: 5, channels: 1, values }).reduce((a, r) => a + r.sum, 0);
    expect(sum).toBe(values.reduce((a, b) => a + b, 0));
  });
});
