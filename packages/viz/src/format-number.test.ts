import { expect, test } from 'vitest';
import { formatNumber, formatPercent, formatSigned, formatTick, niceTicks } from './format-number.ts';

test.each([
  [0, '0'],
  [-0, '0'],
  [1, '1.00'],
  [-12.345, '−12.3'],
  [0.000123456, '0.000123'],
  [1234.5, '1230'],
  [999_999, '1000000'],
  [12_345_678, '1.23e7'],
  [-0.00001234, '−1.23e−5'],
  [Number.NaN, 'NaN'],
  [-Infinity, '−∞'],
])('formatNumber(%d) is %s', (value, expected) => {
  expect(formatNumber(value)).toBe(expected);
});

test('formatSigned marks positive numbers', () => {
  expect([0.5, 0, -0.5].map((v) => formatSigned(v))).toEqual(['+0.500', '0', '−0.500']);
});

test.each([
  [0, '0 %'],
  [0.01, '1 %'],
  [0.0123, '1.2 %'],
  [0.00016, '0.016 %'],
  [0.18, '18 %'],
  [1.5, '150 %'],
  [-0.02, '−2 %'],
])('formatPercent(%d) is %s', (share, expected) => {
  expect(formatPercent(share)).toBe(expected);
});

test.each([
  [0, 1, 5, [0, 0.2, 0.4, 0.6, 0.8, 1], 0.2],
  [-3.76, 5.49, 5, [-2, 0, 2, 4], 2],
  [2, 2, 5, [2], 2],
])('niceTicks from %d to %d', (low, high, count, ticks, step) => {
  const got = niceTicks(low, high, count);
  expect(got.ticks).toBeClose(ticks, { atol: 1e-12 });
  expect(got.step).toBeClose(step, { atol: 1e-12 });
});

test('ticks end next to an offset that swallows the step', () => {
  // 2e13 + 0.004 has neighbours 0.0039 apart: steps of 0.001 do not move it.
  expect(niceTicks(2e13, 2e13 + 0.00390625, 4).ticks.length).toBeLessThanOrEqual(11);
});

test('ticks of an axis share their decimals', () => {
  expect([-0.5, 0, 0.25, 1].map((v) => formatTick(v, 0.25))).toEqual(['−0.5', '0', '0.3', '1.0']);
  expect([10, 250].map((v) => formatTick(v, 10))).toEqual(['10', '250']);
});
