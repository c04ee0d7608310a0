import { describe, expect, test } from 'vitest';
import { all, attributionOf, numberAt, parseSvg, texts } from '../test/helpers.ts';
import { parseHex, toHex } from './oklab.ts';
import { divergingColour } from './palette.ts';
import { tokens } from './tokens.ts';

function chips(svg: string): { x: number; y: number; width: number; fill: string | null }[] {
  return all(parseSvg(svg), 'rect')
    .filter((r) => r.getAttribute('rx') === '3')
    .map((r) => ({
      x: numberAt(r, 'x'),
      y: numberAt(r, 'y'),
      width: numberAt(r, 'width'),
      fill: r.getAttribute('fill'),
    }));
}

describe('tokens', () => {
  // Sums over the embedding axis: 2, -4, 0.
  test('colours are those of the sums over the embedding', () => {
    const picture = tokens(attributionOf([1, 3, 2], [3, -1, -2, -2, 5, -5]), { tokens: ['not', 'bad', '.'] });
    const [first, ...rest] = chips(picture.svg).map((c) => c.fill as string);
    expect(rest).toEqual([-1, 0].map((v) => toHex(divergingColour(v))));
    expect(parseHex(first as string)).toBeClose(divergingColour(0.5), { atol: 1.5 }); // 256 levels a side
    expect(texts(parseSvg(picture.svg))).toEqual(
      expect.arrayContaining(['not', 'bad', '.', '+2.00', '−4.00', '+4.00']),
    );
    expect(picture.alt).toContain('Strongest tokens: “bad” −4.00, “not” +2.00');
    expect(picture.table.rows[1]).toEqual(['1', 'bad', '−4.000']);
  });

  test('lines wrap inside the width and chips do not overlap', () => {
    const words = Array.from({ length: 60 }, (_, i) => 'word'.repeat(1 + (i % 4)));
    const list = chips(
      tokens(
        attributionOf(
          [1, 60],
          words.map((_, i) => i - 30),
        ),
        { tokens: words, width: 300 },
      ).svg,
    );
    expect(list).toHaveLength(60);
    for (const [i, chip] of list.entries()) {
      expect(chip.x + chip.width).toBeLessThanOrEqual(300.01);
      const next = list[i + 1];
      if (next?.y === chip.y) expect(next.x).toBeGreaterThanOrEqual(chip.x + chip.width);
    }
    expect(new Set(list.map((c) => c.y)).size).toBeGreaterThan(5);
  });

  test('a very long token is shortened, a line break breaks the line, space is visible', () => {
    const picture = tokens(attributionOf([1, 4], [1, 1, 1, 1]), {
      tokens: ['x'.repeat(900), '\n', 'y', ' '],
      width: 200,
    });
    const list = chips(picture.svg);
    expect(list[0]?.width).toBeLessThanOrEqual(200);
    expect(list[2]?.y).toBeGreaterThan(list[1]?.y as number);
    expect(texts(parseSvg(picture.svg))).toEqual(expect.arrayContaining(['↵', '␣']));
  });

  test('numbers are left out of long texts unless they are asked for', () => {
    const many = attributionOf([1, 81], new Float64Array(81).fill(0.5));
    const words = Array.from({ length: 81 }, () => 'a');
    const count = (showValues?: boolean): number =>
      texts(parseSvg(tokens(many, { tokens: words, ...(showValues === undefined ? {} : { showValues }) }).svg)).filter(
        (t) => t === '+0.500',
      ).length;
    expect(count(true) - count()).toBe(81);
  });

  test('another number of tokens is refused', () => {
    expect(() => tokens(attributionOf([1, 2], [1, 2]), { tokens: ['a'] })).toThrow(
      /expected shape \[rows,1,…\] for 1 tokens for x, got \[rows,2\]/u,
    );
  });

  test('all zero', () => {
    const picture = tokens(attributionOf([1, 2], [0, 0]), { tokens: ['a', 'b'] });
    expect(texts(parseSvg(picture.svg))).toContain('All attributions are zero.');
    expect(picture.svg).not.toMatch(/NaN|Infinity/u);
  });
});
