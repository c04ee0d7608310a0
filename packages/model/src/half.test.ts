import { expect, test } from 'vitest';
import { float16ToNumber } from './half.ts';

// IEEE 754 binary16: one, minus two, largest, smallest normal and subnormal, the zeros and what is not finite.
test.each([
  [0x3c00, 1],
  [0xc000, -2],
  [0x7bff, 65504],
  [0x0400, 2 ** -14],
  [0x0001, 2 ** -24],
  [0x0000, 0],
  [0x8000, -0],
  [0x7c00, Infinity],
  [0xfc00, -Infinity],
  [0x7e00, NaN],
])('%i is %f', (bits, value) => {
  expect(float16ToNumber(bits)).toBe(value);
});
