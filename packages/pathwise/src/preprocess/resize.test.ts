import { expect, test } from 'vitest';
import fc from 'fast-check';
import { resize, type Pixels } from './resize.ts';

const row = (...values: number[]): Pixels => ({
  width: values.length,
  height: 1,
  channels: 1,
  data: Float64Array.from(values),
});

// Half-pixel centres: result pixel i reads (i + 0.5) * n / m - 0.5, clamped to the image.
test.each([
  ['twice as wide', [0, 8], 4, [0, 2, 6, 8]],
  ['half as wide', [0, 2, 4, 10], 2, [1, 7]],
  ['three to two', [0, 6, 12], 2, [1.5, 10.5]],
  ['one pixel', [3], 3, [3, 3, 3]],
  ['same size', [1, 5, 2], 3, [1, 5, 2]],
])('%s', (_, from, width, expected) => {
  expect(resize(row(...from), width, 1, 'stretch').data).toBeClose(Float64Array.from(expected), { atol: 1e-12 });
});

test('a plane stays a plane away from the border', () => {
  const ramp = Float64Array.from({ length: 64 }, (_, p) => 3 * (p % 8) + 2 * Math.floor(p / 8));
  const { data } = resize({ width: 8, height: 8, channels: 1, data: ramp }, 5, 5, 'stretch');
  // Place of result pixel i: (i + 0.5) * 1.6 - 0.5.
  const expected = Float64Array.from(
    { length: 25 },
    (_, p) => 3 * (((p % 5) + 0.5) * 1.6 - 0.5) + 2 * ((Math.floor(p / 5) + 0.5) * 1.6 - 0.5),
  );
  expect(data).toBeClose(expected, { rtol: 1e-12 });
});

test('crop takes the centre', () => {
  expect([...resize(row(1, 2, 3), 1, 1, 'crop').data]).toEqual([2]);
  // Of four pixels in a row the middle two make the largest 2 x 1 part of the height.
  expect([...resize({ ...row(1, 2, 3, 4), height: 1 }, 2, 1, 'crop').data]).toEqual([2, 3]);
  const tall = { width: 1, height: 4, channels: 1, data: Float64Array.of(1, 2, 3, 4) };
  expect([...resize(tall, 1, 2, 'crop').data]).toEqual([2, 3]);
});

test('interpolation stays within the range of the image', () => {
  const size = fc.integer({ min: 1, max: 6 });
  fc.assert(
    fc.property(
      size,
      size,
      size,
      size,
      fc.constantFrom('stretch' as const, 'crop' as const),
      fc.infiniteStream(fc.double({ min: 0, max: 255, noNaN: true })),
      (w, h, width, height, mode, values) => {
        const data = Float64Array.from({ length: w * h }, () => values.next().value as number);
        const out = resize({ width: w, height: h, channels: 1, data }, width, height, mode).data;
        expect(out.length).toBe(width * height);
        expect(Math.min(...out)).toBeGreaterThanOrEqual(Math.min(...data) - 1e-9);
        expect(Math.max(...out)).toBeLessThanOrEqual(Math.max(...data) + 1e-9);
      },
    ),
  );
});
