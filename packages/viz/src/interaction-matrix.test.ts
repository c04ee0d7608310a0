import { expect, test } from 'vitest';
import { all, parseSvg, texts } from '../test/helpers.ts';
import { interactionMatrix } from './interaction-matrix.ts';

test('a cell for each pair with its number, the strongest pairs in the table', () => {
  const picture = interactionMatrix(['a', 'b', 'c'], [0, 1, -3, 1, 0, 2, -3, 2, 0], { unit: 'interaction' });
  const root = parseSvg(picture.svg);
  for (const text of ['+1.0', '−3.0', '+2.0', '+3.00', '−3.00']) expect(texts(root)).toContain(text);
  expect(picture.table.rows).toEqual([
    ['a and c', '−3.000'],
    ['b and c', '2.000'],
    ['a and b', '1.000'],
  ]);
});

test('many features have no numbers in their cells', () => {
  const n = 20;
  const names = Array.from({ length: n }, (_, i) => `f${i}`);
  const root = parseSvg(interactionMatrix(names, new Array<number>(n * n).fill(0.25)).svg);
  expect(texts(root)).not.toContain('+0.25');
  expect(all(root, 'rect').length).toBeGreaterThan(n * n);
});

test('the wrong number of values, and values that are not finite, are refused', () => {
  expect(() => interactionMatrix(['a', 'b'], [1, 2, 3])).toThrow('2 x 2');
  expect(() => interactionMatrix(['a'], [Number.NaN])).toThrow('finite');
});
