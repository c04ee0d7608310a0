import { float32 } from '@pathwise/model';
import { describe, expect, test } from 'vitest';
import { all, attributionOf, numberAt, parseSvg, texts } from '../test/helpers.ts';
import { bars } from './bars.ts';
import { divergingStops } from './palette.ts';

const [negative, positive] = [divergingStops.light.negative[4], divergingStops.light.positive[4]];
const names = ['age', 'dose', 'weight', 'height'];
const four = attributionOf([1, 4], [1, -4, 2, 0.5]);

function drawn(picture: { svg: string }): { x: number; width: number; fill: string | null }[] {
  return all(parseSvg(picture.svg), 'rect')
    .filter((r) => r.getAttribute('rx') === '1.5')
    .map((r) => ({ x: numberAt(r, 'x'), width: numberAt(r, 'width'), fill: r.getAttribute('fill') }));
}

describe('bars', () => {
  test('are sorted by size, on their side of zero, as long as their values', () => {
    const rects = drawn(bars(four, { featureNames: names }));
    expect(rects.map((r) => r.fill)).toEqual([negative, positive, positive, positive]);
    // Sizes 4, 2, 1, 0.5.
    const unit = (rects[0]?.width as number) / 4;
    expect(rects.map((r) => r.width / unit)).toBeClose([4, 2, 1, 0.5], { atol: 1e-3 });
    const zero = (rects[0]?.x as number) + (rects[0]?.width as number);
    expect(rects.slice(1).map((r) => r.x)).toBeClose([zero, zero, zero], { atol: 0.02 });
  });

  test('name, value and attribution stand in the picture and in the table', () => {
    const picture = bars(four, { featureNames: names, values: [61, '5 mg', 80.5, 1.75] });
    const shown = texts(parseSvg(picture.svg));
    for (const text of ['dose', '5 mg', '−4.00', '61.00', '+0.500', 'contribution to logits[3]'])
      expect(shown).toContain(text);
    expect(picture.table.rows[0]).toEqual(['dose', '5 mg', '−4.000']);
    expect(picture.alt).toContain('Strongest features: dose −4.00, weight +2.00, age +1.00.');
  });

  // 20 features of size 1 … 20: the 5 largest are listed, the rest sums to 1 + … + 15 = 120.
  test('the rest is summed up, the table has all', () => {
    const picture = bars(
      attributionOf(
        [1, 20],
        Array.from({ length: 20 }, (_, i) => i + 1),
      ),
      { topK: 5 },
    );
    const shown = texts(parseSvg(picture.svg));
    expect(shown).toContain('15 others');
    expect(shown).toContain('+120');
    expect(drawn(picture)).toHaveLength(6);
    expect(picture.table.rows).toHaveLength(20);
  });

  test('one feature over the limit is listed rather than called "1 other"', () => {
    expect(drawn(bars(four, { topK: 3 }))).toHaveLength(4);
  });

  test('whiskers are one standard error to each side', () => {
    const errors = { x: float32([1, 4], [0.1, 1, 0, 0]) };
    const picture = bars({ ...four, standardErrors: errors }, { featureNames: names });
    const root = parseSvg(picture.svg);
    const whiskers = all(root, 'path').map((p) => /^M([\d.]+) [\d.]+H([\d.]+)/u.exec(p.getAttribute('d') ?? ''));
    const unit = (drawn(picture)[0]?.width as number) / 4;
    const lengths = whiskers.map((m) => (Number(m?.[2]) - Number(m?.[1])) / unit);
    expect(lengths).toBeClose([2, 0.2], { atol: 1e-2 });
    expect(texts(root)).toContain('Whiskers: one standard error to each side.');
    expect(picture.table.columns.at(-1)).toBe('Standard error');
  });

  test('several axes are named by index', () => {
    const picture = bars(attributionOf([1, 2, 2], [0, 0, 7, 0]));
    expect(texts(parseSvg(picture.svg))).toContain('x[1,0]');
  });

  test('all zero', () => {
    const picture = bars(attributionOf([1, 3], [0, 0, 0]));
    expect(texts(parseSvg(picture.svg))).toContain('All attributions are zero.');
    expect(picture.svg).not.toMatch(/NaN|Infinity/u);
  });

  test('positive alone', () => {
    expect(drawn(bars(four, { show: 'positive' })).map((r) => r.fill)).toEqual([positive, positive, positive]);
  });

  test.each([
    [{ featureNames: ['a'] }, /expected 4 entries, one a feature of "x" for featureNames, got 1/u],
    [{ values: [1, 2] }, /for values, got 2/u],
    [{ topK: 0 }, /expected an integer of at least 1 for topK/u],
  ])('refuses %o', (options, message) => {
    expect(() => bars(four, options)).toThrow(message);
  });
});
