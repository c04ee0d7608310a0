import { expect, test } from 'vitest';
import { BlockSum } from './block-sum.ts';

// 1 is lost when it is added to 1e16 alone, and eight of it are not when they are added first.
test('sums blocks of eight before they meet the total', () => {
  const sum = new BlockSum(1);
  for (const value of [1e16, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1]) sum.add(1, Float64Array.of(value));
  expect(sum.total()[0]).toBe(1e16 + 8);
  expect([1e16, ...new Array<number>(8).fill(1)].reduce((a, b) => a + b)).toBe(1e16);
});

test('the last block may be short; weights multiply in float64', () => {
  const sum = new BlockSum(2);
  for (let k = 0; k < 11; k++) sum.add(0.1, Float32Array.of(k, 2 * k));
  expect(sum.total()).toBeClose([5.5, 11], { rtol: 1e-15 });
});
