import { expect, test } from 'vitest';
import { all, attributionOf, numberAt, parseSvg } from '../test/helpers.ts';
import { beeswarm } from './beeswarm.ts';

// Features a: 1, 1, -1; b: 0, 4, -5.
const three = { ...attributionOf([3, 2], [1, 0, 1, 4, -1, -5]), outputAtInput: [0, 0, 0], target: ['y[0]'] };

test('a line of points for each feature, the largest mean size first', () => {
  const { svg, table } = beeswarm(three, { featureNames: ['a', 'b'] });
  expect(table.rows).toEqual([
    ['b', '3.000', '−5.000', '+4.000'],
    ['a', '1.000', '−1.000', '+1.000'],
  ]);
  const points = all(parseSvg(svg), 'circle').map((c) => [numberAt(c, 'cx'), numberAt(c, 'cy')] as const);
  expect(points).toHaveLength(6);
  // Equal values stand beside one another: no point covers another.
  for (const [i, p] of points.entries())
    for (const q of points.slice(i + 1)) expect(Math.hypot(p[0] - q[0], p[1] - q[1])).toBeGreaterThanOrEqual(6);
});

test('colours are the rank of the value, equal values share one', () => {
  const fills = all(parseSvg(beeswarm(three, { values: [7, 1, 7, 1, 9, 1] }).svg), 'circle').map((c) =>
    c.getAttribute('fill'),
  );
  expect(new Set(fills.slice(0, 3)).size).toBe(1);
  expect(new Set(fills.slice(3)).size).toBe(2);
});

test.each([
  [{ featureNames: ['a'] }, 'featureNames'],
  [{ values: [1] }, 'values'],
  [{ tensor: 'z' }, 'one of x'],
])('%j', (options, message) => {
  expect(() => beeswarm(three, options)).toThrow(message);
});

test('a single row is refused', () => {
  expect(() => beeswarm(attributionOf([1, 2], [1, 2]))).toThrow('two rows');
});
