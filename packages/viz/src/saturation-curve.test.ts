import type { PathCurve } from '@pathwise/model';
import { describe, expect, test } from 'vitest';
import { all, attributionOf, numberAt, parseSvg, texts } from '../test/helpers.ts';
import { lineThrough, saturationCurve } from './saturation-curve.ts';

// F(a) = 4 a (2 - a) from 0 to 1: F(1) = 4, F' = 8 (1 - a); half of the change at 1 - sqrt(1/2).
const alphas = [0, 0.25, 0.5, 0.75, 1];
const F = (a: number): number => 4 * a * (2 - a);
const curve: PathCurve = {
  alphas,
  outputs: alphas.map(F),
  gradientNorms: alphas.map((a) => 8 * (1 - a)),
  cumulative: alphas.map(F),
  halfChangeAlpha: 1 - Math.SQRT1_2,
  saturated: true,
};
const attribution = attributionOf([1, 1], [4], { curves: [curve], outputAtInput: [4], outputAtBaseline: [0] });

describe('saturationCurve', () => {
  test('three lines through all points, from the left to the right end', () => {
    const root = parseSvg(saturationCurve(attribution).svg);
    const points = all(root, 'path').map((p) =>
      (p.getAttribute('d') ?? '')
        .split(/[ML]/u)
        .filter(Boolean)
        .map((xy) => xy.split(' ').map(Number)),
    );
    expect(points.map((p) => p.length)).toEqual([5, 5, 5]);
    for (const line of points) expect(line.map((p) => p[0])).toEqual([0, 100, 200, 300, 400]);
    const [output, norm] = points as [number[][], number[][]];
    const shareOf = (line: number[][], i: number): number =>
      ((line[i]?.[1] as number) - (line[0]?.[1] as number)) / ((line[4]?.[1] as number) - (line[0]?.[1] as number));
    expect(shareOf(output, 2)).toBeClose(F(0.5) / 4, { atol: 1e-3 });
    expect(shareOf(norm, 1)).toBeClose(0.25, { atol: 1e-3 });
  });

  test('half of the change is marked in each panel and said', () => {
    const picture = saturationCurve(attribution);
    const marks = all(parseSvg(picture.svg), 'line').filter((l) => l.getAttribute('stroke-dasharray') === '2 3');
    expect(marks.map((l) => numberAt(l, 'x1'))).toBeClose(Array(3).fill(400 * (1 - Math.SQRT1_2)), { atol: 0.01 });
    expect(picture.alt).toContain('Half of the change has happened at α = 0.29');
    expect(picture.alt).toContain('Saturated');
  });

  test('F(x) - F(x′) is the dashed level, where the sum ends', () => {
    const root = parseSvg(saturationCurve(attribution).svg);
    const level = all(root, 'line').find((l) => l.getAttribute('stroke-dasharray') === '5 4');
    const last = /L400 ([\d.]+)$/u.exec(all(root, 'path')[2]?.getAttribute('d') ?? '')?.[1];
    expect(numberAt(level as NonNullable<typeof level>, 'y1')).toBeClose(Number(last), { atol: 0.01 });
  });

  test('no change: no mark', () => {
    const flat = {
      ...curve,
      outputs: [1, 1, 1, 1, 1],
      cumulative: [0, 0, 0, 0, 0],
      halfChangeAlpha: null,
      saturated: false,
    };
    const picture = saturationCurve({ ...attribution, outputAtInput: [1], outputAtBaseline: [1], curves: [flat] });
    expect(picture.svg).not.toContain('2 3');
    expect(picture.svg).not.toMatch(/NaN|Infinity/u);
    expect(picture.alt).toContain('The output is the same at both ends of the path. Not saturated at the input.');
  });

  test('the table has every point', () => {
    const { table } = saturationCurve(attribution);
    expect(table.rows).toHaveLength(5);
    expect(table.rows[2]).toEqual(['0.500', '3.000', '4.000', '3.000']);
  });

  test('an attribution without curves is refused', () => {
    expect(() => saturationCurve(attributionOf([1, 1], [4]))).toThrow(/expected a row with a curve for row, got 0/u);
  });

  test('no tick repeats and the axis runs from 0 to 1', () => {
    const shown = texts(parseSvg(saturationCurve(attribution).svg));
    expect(shown).toEqual(expect.arrayContaining(['0', '0.25', '0.5', '0.75', '1']));
  });
});

test('a point that is not finite interrupts the line', () => {
  expect(lineThrough([0, 1, 2, 3], [5, Number.NaN, 6, 7])).toBe('M0 5M2 6L3 7');
});
