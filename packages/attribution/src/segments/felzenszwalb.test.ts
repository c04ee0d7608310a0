import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { felzenszwalb } from './felzenszwalb.ts';
import { dilate, overSegment, pixelsOfLabels } from './over-segmentation.ts';
import { resampleCubic, resampleNearest } from './resample.ts';

const [HEIGHT, WIDTH] = [6, 8];
const plane = (value: (row: number, column: number) => number): Float64Array =>
  Float64Array.from({ length: HEIGHT * WIDTH }, (_, i) => value(Math.floor(i / WIDTH), i % WIDTH));

describe('graph segmentation', () => {
  // ../shared/methods/paths.md, section 17, "felzenszwalb, two halves and one odd pixel": labels by the algorithm.
  const halves = plane((row, column) => (row === 2 && column === 1 ? 0.3 : column < 4 ? 0 : 1));
  const row = [0, 0, 0, 0, 1, 1, 1, 1];
  test.each([
    [1, [row, row, [0, 2, 0, 0, 1, 1, 1, 1], row, row, row]],
    [3, [row, row, row, row, row, row]],
  ])('two halves and one odd pixel, of at least %i pixels', (minSize, expected) => {
    const [labels] = felzenszwalb([halves, halves, halves], HEIGHT, WIDTH, { scales: [50], sigma: 0, minSize });
    expect(Array.from(labels ?? [])).toEqual(expected.flat());
  });

  // Inside of both halves nothing differs: they join if the colours' distance, sqrt(3), is below (scale / 255) / 24 pixels:
  // above a scale of 10600.15.
  test('two flat halves join above a scale that their sizes set', () => {
    const tones = plane((_, column) => (column < 4 ? 0 : 1));
    const scales = [10600, 10601];
    const [two, one] = felzenszwalb([tones, tones, tones], HEIGHT, WIDTH, { scales, sigma: 0, minSize: 1 });
    expect([new Set(two).size, new Set(one).size]).toEqual([2, 1]);
  });

  // A ramp of 8 grey values, each step 0.1: k / 1 >= 0.1 joins pixels, the difference inside is then 0.1 and k / size counts.
  test('columns of a ramp join while the step is below the inner difference plus k / size', () => {
    const ramp = plane((_, column) => column / 10);
    const [columns, whole] = felzenszwalb([ramp], HEIGHT, WIDTH, { scales: [100, 255], sigma: 0, minSize: 1 });
    // Columns of 6 equal pixels come first: k / 6 is 0.065 < 0.1, and 0.167 > 0.1.
    expect([new Set(columns).size, new Set(whole).size]).toEqual([8, 1]);
  });

  // Neighbours share a side or a corner: each of the two diagonals of a square is one segment.
  test('diagonals of both directions hold together', () => {
    for (const tones of [
      [1, 0, 0, 1],
      [0, 1, 1, 0],
    ]) {
      const [labels] = felzenszwalb([Float64Array.from(tones)], 2, 2, { scales: [1], sigma: 0, minSize: 1 });
      expect(Array.from(labels ?? [])).toEqual([0, 1, 1, 0]);
    }
  });

  test('one pixel after another has one label; segments are connected, large enough, and numbered by first pixels', () => {
    const images = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 48, maxLength: 48 });
    fc.assert(
      fc.property(images, fc.integer({ min: 1, max: 12 }), fc.constantFrom(10, 100, 1000), (image, minSize, scale) => {
        const options = { scales: [scale], sigma: 0.4, minSize };
        const [labels = new Int32Array()] = felzenszwalb([Float64Array.from(image)], HEIGHT, WIDTH, options);
        let next = 0;
        for (const label of labels) {
          expect(label).toBeLessThanOrEqual(next);
          next = Math.max(next, label + 1);
        }
        for (const pixels of pixelsOfLabels(labels)) {
          expect(pixels.length).toBeGreaterThanOrEqual(minSize);
          expect(reachable(pixels)).toBe(pixels.length);
        }
      }),
      { numRuns: 60, seed: 3 },
    );
  });

  test('a flat image is one segment at every scale', () => {
    const masks = overSegment([new Float64Array(48)], HEIGHT, WIDTH, {
      scales: [50, 1200],
      sigma: 0.8,
      minSize: 150,
      dilation: 5,
    });
    expect(masks.map((pixels) => pixels.length)).toEqual([48, 48]);
  });
});

/** Pixels of a list that the first reaches by steps to one of eight neighbours. */
function reachable(pixels: Int32Array): number {
  const left = new Set(pixels);
  const open = [pixels[0] ?? -1];
  left.delete(open[0] ?? -1);
  for (let pixel = open.pop(); pixel !== undefined; pixel = open.pop()) {
    for (const other of left) {
      const rows = Math.abs(Math.floor(other / WIDTH) - Math.floor(pixel / WIDTH));
      if (Math.max(rows, Math.abs((other % WIDTH) - (pixel % WIDTH))) > 1) continue;
      left.delete(other);
      open.push(other);
    }
  }
  return pixels.length - left.size;
}

describe('dilation', () => {
  // The disk dx^2 + dy^2 <= r^2 holds 81 pixels for r = 5, 5 for r = 1, 9 for r = 1.5.
  test.each([
    [5, 81],
    [1, 5],
    [1.5, 9],
    [0, 1],
  ])('a pixel grows to the disk of radius %d', (radius, count) => {
    const grown = dilate(Int32Array.of(10 * 21 + 10), 21, 21, radius);
    expect(grown.length).toBe(count);
    for (const pixel of grown) {
      expect((Math.floor(pixel / 21) - 10) ** 2 + ((pixel % 21) - 10) ** 2).toBeLessThanOrEqual(radius ** 2);
    }
  });

  test('of any region it is what lies within the radius of one of its pixels', () => {
    const regions = fc.uniqueArray(fc.nat({ max: 47 }), { minLength: 1 });
    fc.assert(
      fc.property(regions, fc.constantFrom(1, 2, 2.5), (region, radius) => {
        const within = Array.from({ length: 48 }, (_, i) => i).filter((i) =>
          region.some((j) => {
            const [down, across] = [Math.floor(i / WIDTH) - Math.floor(j / WIDTH), (i % WIDTH) - (j % WIDTH)];
            return down * down + across * across <= radius * radius;
          }),
        );
        expect(Array.from(dilate(Int32Array.from(region), HEIGHT, WIDTH, radius))).toEqual(within);
      }),
      { numRuns: 60, seed: 2 },
    );
  });
});

describe('other sizes', () => {
  test('the same size is the same image', () => {
    const image = plane((row, column) => Math.sin(3 * row + column));
    expect(resampleCubic(image, [HEIGHT, WIDTH], [HEIGHT, WIDTH])).toBeClose(image, { atol: 1e-15 });
  });

  // Keys 1981: the kernel with a = -1/2 reproduces polynomials up to degree 2 away from the border. Half-pixel centres: pixel i
  // of twice as many lies at (i + 0.5) / 2 - 0.5.
  test('enlarging is exact for parabolas, away from the border', () => {
    const line = Float64Array.from({ length: 8 }, (_, i) => i * i - 3 * i + 1);
    const wide = resampleCubic(line, [1, 8], [1, 16]);
    for (let i = 4; i < 12; i++) {
      const x = (i + 0.5) / 2 - 0.5;
      expect(wide[i]).toBeClose(x * x - 3 * x + 1, { atol: 1e-12 });
    }
  });

  test('shrinking averages: stripes become grey, a constant stays', () => {
    const stripes = Float64Array.from({ length: 64 }, (_, i) => i % 2);
    const small = resampleCubic(stripes, [1, 64], [1, 8]);
    expect(small.subarray(1, 7)).toBeClose(new Float64Array(6).fill(0.5), { atol: 0.01 });
    // Wherever a single bright pixel lies: an eighth of it is left, spread over a few.
    for (const at of [25, 28, 31]) {
      const line = resampleCubic(
        Float64Array.from({ length: 64 }, (_, i) => (i === at ? 1 : 0)),
        [1, 64],
        [1, 8],
      );
      expect(line.reduce((sum, v) => sum + v, 0)).toBeClose(1 / 8, { rtol: 0.02 });
    }
    expect(resampleCubic(new Float64Array(48).fill(3), [6, 8], [2, 3])).toBeClose(new Float64Array(6).fill(3), {
      atol: 1e-14,
    });
  });

  test('labels repeat when enlarged and are those of the middle when shrunk', () => {
    expect(Array.from(resampleNearest(Int32Array.of(0, 1, 2, 3), [2, 2], [2, 4]))).toEqual([0, 0, 1, 1, 2, 2, 3, 3]);
    expect(Array.from(resampleNearest(Int32Array.of(0, 1, 2, 3, 4, 5), [1, 6], [1, 2]))).toEqual([1, 4]);
  });
});
