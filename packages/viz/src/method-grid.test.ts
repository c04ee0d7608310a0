import { expect, test } from 'vitest';
import { attributionOf, parseSvg, texts } from '../test/helpers.ts';
import { methodGrid } from './method-grid.ts';

const small = { ...attributionOf([1, 1, 2, 2], [1, 0, 0, -1]), method: 'first' };
const large = { ...attributionOf([1, 1, 2, 2], [8, 0, 0, 2]), method: 'second' };

test('each map has its own scale, or all have one, and the legend says so', () => {
  const own = texts(parseSvg(methodGrid([small, large], { clipPercentile: 100 }).svg));
  expect(own).toContain('+1.00');
  expect(own).toContain('+8.00');
  expect(own.join(' ')).toContain('its own scale');
  const common = texts(parseSvg(methodGrid([small, large], { scale: 'common', clipPercentile: 100 }).svg));
  expect(common).not.toContain('+1.00');
  expect(common.filter((text) => text === '+8.00')).toHaveLength(2);
  expect(common.join(' ')).toContain('One scale');
});

test('lists of features stand side by side as bars', () => {
  const lists = [small, large].map((one) => ({ ...one, attributions: attributionOf([1, 2], [1, 2]).attributions }));
  expect(
    texts(parseSvg(methodGrid(lists, { featureNames: ['a', 'b'] }).svg)).filter((text) => text === 'a'),
  ).toHaveLength(2);
});

test('units that differ have no common scale, and nothing is no grid', () => {
  expect(() => methodGrid([small, { ...large, unit: 'per-unit' }], { scale: 'common' })).toThrow('units');
  expect(() => methodGrid([])).toThrow('at least one');
});
