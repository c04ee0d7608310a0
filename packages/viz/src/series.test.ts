import { describe, expect, test } from 'vitest';
import { all, attributionOf, parseSvg, texts } from '../test/helpers.ts';
import { toHex } from './oklab.ts';
import { divergingColour } from './palette.ts';
import { series } from './series.ts';

describe('series', () => {
  test('each position has its colour, the line goes through the values', () => {
    const picture = series(attributionOf([1, 4], [0, 2, -2, 0]), { values: [5, 6, 7, 6], clipPercentile: 100 });
    const root = parseSvg(picture.svg);
    const fills = all(root, 'rect')
      .slice(1, 5)
      .map((r) => r.getAttribute('fill'));
    expect(fills).toEqual([0, 1, -1, 0].map((v) => toHex(divergingColour(v))));
    const line = all(root, 'path').find((p) => p.getAttribute('fill') === 'none');
    const points = (line?.getAttribute('d') ?? '')
      .split(/[ML]/u)
      .filter(Boolean)
      .map((xy) => xy.split(' ').map(Number));
    expect(points.map((p) => p[0])).toEqual([65, 195, 325, 455]);
    // Heights 5, 6, 7: equal steps.
    expect((points[0]?.[1] as number) - (points[1]?.[1] as number)).toBeClose(
      (points[1]?.[1] as number) - (points[2]?.[1] as number),
      { atol: 0.02 },
    );
    expect(picture.alt).toContain('Strongest: position 1 +2.00, position 2 −2.00');
  });

  test('one panel a channel, with names', () => {
    const picture = series(attributionOf([1, 2, 3], [1, 2, 3, 4, 5, 6]), {
      values: [1, 1, 1, 2, 2, 2],
      featureNames: ['I', 'II'],
    });
    expect(texts(parseSvg(picture.svg))).toEqual(expect.arrayContaining(['I', 'II']));
    expect(picture.table.rows[4]).toEqual(['II', '1', '2.000', '+5.000']);
  });

  test('values of another number and tensors of another rank are refused', () => {
    expect(() => series(attributionOf([1, 2], [1, 2]), { values: [1] })).toThrow(
      /expected 2 numbers, one an attribution for values, got 1/u,
    );
    expect(() => series(attributionOf([1, 1, 1, 2], [1, 2]), { values: [1, 2] })).toThrow(
      /\[rows,length\] or \[rows,channels,length\]/u,
    );
  });

  test('all zero', () => {
    const picture = series(attributionOf([1, 2], [0, 0]), { values: [3, 3] });
    expect(texts(parseSvg(picture.svg))).toContain('All attributions are zero.');
    expect(picture.svg).not.toMatch(/NaN|Infinity/u);
  });
});
