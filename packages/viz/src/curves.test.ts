import { expect, test } from 'vitest';
import { parseSvg, texts } from '../test/helpers.ts';
import { curves } from './curves.ts';

const line = { name: 'deletion', x: [0, 0.5, 1], y: [9, 2, 0] };

test('a chart with named lines, and all points in the table', () => {
  const picture = curves([{ title: 'Deletion', xLabel: 'removed', lines: [line] }]);
  const shown = texts(parseSvg(picture.svg));
  for (const text of ['Deletion', 'deletion', 'removed', '0.6']) expect(shown).toContain(text);
  expect(picture.table.rows).toEqual([
    ['Deletion', 'deletion', '0', '9.000'],
    ['Deletion', 'deletion', '0.5000', '2.000'],
    ['Deletion', 'deletion', '1.000', '0'],
  ]);
});

test('charts without lines, and lines without as many y as x, are refused', () => {
  expect(() => curves([])).toThrow('at least one chart');
  expect(() => curves([{ title: 'a', xLabel: 'b', lines: [{ ...line, y: [1] }] }])).toThrow('as many y as x');
});
