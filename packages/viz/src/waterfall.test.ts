import { expect, test } from 'vitest';
import { all, attributionOf, parseSvg, texts } from '../test/helpers.ts';
import { fallOf, waterfall } from './waterfall.ts';

const names = ['age', 'dose', 'weight', 'height'];
// Sum -0.5.
const four = { ...attributionOf([1, 4], [1, -4, 2, 0.5]), outputAtInput: [2.5], outputAtBaseline: [3] };

test('goes from F(x′) to F(x), the largest first, each step where the one before ended', () => {
  const { table, svg } = waterfall(four, { featureNames: names });
  expect(table.rows).toEqual([
    ['dose', '−4.000', '−1.000'],
    ['weight', '+2.000', '1.000'],
    ['age', '+1.000', '2.000'],
    ['height', '+0.5000', '2.500'],
  ]);
  expect(texts(parseSvg(svg)).join(' ')).toContain('From F(x′) = 3.000 to F(x) = 2.500');
});

test('what the attributions leave out is a step of its own, unless it is rounding', () => {
  const bar = { name: 'a', value: '', attribution: 2, standardError: undefined, others: false };
  expect(fallOf([bar], 1, 4).at(-1)).toMatchObject({ name: 'not explained', from: 3, to: 4, attribution: 1 });
  expect(fallOf([bar], 1, 3 + 1e-4)).toHaveLength(1);
});

test('without a baseline it begins at 0', () => {
  const { table } = waterfall({ ...four, outputAtBaseline: null }, { featureNames: names });
  expect(table.rows.at(-1)).toEqual(['not explained', '+3.000', '2.500']);
});

test('negative steps are hatched, for prints without colours', () => {
  const count = (hatch: boolean): number => all(parseSvg(waterfall(four, { hatch }).svg), 'path').length;
  expect(count(true) - count(false)).toBe(1);
});

test('lists of another length are refused', () => {
  expect(() => waterfall(four, { featureNames: ['one'] })).toThrow('waterfall');
});
