import { describe, expect, test } from 'vitest';
import { float64, tensor, toFloat64 } from '@pathwise/model';
import { evaluateOp } from '../../test/evaluate.ts';
import { gradientAt } from '../../test/gradient-at.ts';

describe('Pow', () => {
  // Closed form y x^(y-1); x^0 is constant 1, also at 0.
  test('derivative by the base at 0', async () => {
    const [dx] = await gradientAt('Pow', [float64([5], [0, 0, 0, -3, 4]), tensor('int64', [5], [0, 1, 2, 3, 0])]);
    expect(dx).toBeClose([0, 1, 0, 27, 0]);
  });

  // Closed form x^y log x; its limit for x -> 0 is 0.
  test('derivative by the exponent', async () => {
    const [, dy] = await gradientAt('Pow', [float64([3], [0, 2, Math.E]), float64([3], [2, 3, 1])]);
    expect(dy).toBeClose([0, 8 * Math.LN2, Math.E]);
  });
});

// Definition: the remainder has the sign of the divisor, with fmod that of the dividend.
test('Mod', () => {
  const [a, b] = [tensor('int64', [4], [7, -7, 7, -7]), tensor('int64', [4], [3, 3, -3, -3])];
  expect(evaluateOp('Mod', [a, b])[0].data).toBeClose([1, 2, -2, -1]);
  expect(evaluateOp('Mod', [a, b], { fmod: 1 })[0].data).toBeClose([1, -1, 1, -1]);
  expect(() => evaluateOp('Mod', [float64([1], [1]), float64([1], [1])])).toThrow('fmod = 0');
});

test('Div of integers truncates towards zero', () => {
  const [a, b] = [tensor('int32', [3], [7, -7, 9]), tensor('int32', [3], [2, 2, 3])];
  expect(Array.from(evaluateOp('Div', [a, b])[0].data)).toEqual([3, -3, 3]);
});

// Definition: IEEE 754 roundTiesToEven.
test('Round', () => {
  const x = [-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 3.5, 0.49999999999999994, -2.6, 2 ** 52 + 1];
  expect(evaluateOp('Round', [float64([10], x)])[0].data).toBeClose([-2, -2, 0, 0, 2, 2, 4, 0, -3, 2 ** 52 + 1]);
});

test('IsInf and IsNaN', () => {
  const x = float64([4], [Infinity, -Infinity, NaN, 1]);
  const bits = (op: string, attrs = {}): number[] => Array.from(toFloat64(evaluateOp(op, [x], attrs)[0].data));
  expect(bits('IsInf')).toEqual([1, 1, 0, 0]);
  expect(bits('IsInf', { detect_negative: 0 })).toEqual([1, 0, 0, 0]);
  expect(bits('IsInf', { detect_positive: 0 })).toEqual([0, 1, 0, 0]);
  expect(bits('IsNaN')).toEqual([0, 0, 1, 0]);
});

describe('bits', () => {
  const uint8 = (...values: number[]) => tensor('uint8', [values.length], values);

  // Two's complement by hand.
  test('and, or, xor, not', () => {
    const [a, b] = [uint8(0b1100, 255), uint8(0b1010, 1)];
    expect(Array.from(evaluateOp('BitwiseAnd', [a, b])[0].data)).toEqual([0b1000, 1]);
    expect(Array.from(evaluateOp('BitwiseOr', [a, b])[0].data)).toEqual([0b1110, 255]);
    expect(Array.from(evaluateOp('BitwiseXor', [a, b])[0].data)).toEqual([0b0110, 254]);
    expect(Array.from(evaluateOp('BitwiseNot', [uint8(0, 5, 255)])[0].data)).toEqual([255, 250, 0]);
    expect(Array.from(evaluateOp('BitwiseNot', [tensor('int32', [2], [0, -6])])[0].data)).toEqual([-1, 5]);
  });

  test('shifts drop what leaves the type', () => {
    expect(Array.from(evaluateOp('BitShift', [uint8(1, 200), uint8(7, 1)], { direction: 'LEFT' })[0].data)).toEqual([
      128, 144,
    ]);
    expect(Array.from(evaluateOp('BitShift', [uint8(1, 200), uint8(1, 3)], { direction: 'RIGHT' })[0].data)).toEqual([
      0, 25,
    ]);
  });
});

test('logic on booleans', () => {
  const bool = (...values: number[]) => tensor('bool', [values.length], values);
  const [a, b] = [bool(0, 0, 1, 1), bool(0, 1, 0, 1)];
  expect(Array.from(evaluateOp('And', [a, b])[0].data)).toEqual([0, 0, 0, 1]);
  expect(Array.from(evaluateOp('Or', [a, b])[0].data)).toEqual([0, 1, 1, 1]);
  expect(Array.from(evaluateOp('Xor', [a, b])[0].data)).toEqual([0, 1, 1, 0]);
  expect(Array.from(evaluateOp('Not', [a])[0].data)).toEqual([1, 1, 0, 0]);
});

test('comparisons at equality and NaN', () => {
  const [a, b] = [float64([4], [1, 2, 3, NaN]), float64([4], [2, 2, 2, NaN])];
  const of = (op: string): number[] => Array.from(toFloat64(evaluateOp(op, [a, b])[0].data));
  expect(of('Greater')).toEqual([0, 0, 1, 0]);
  expect(of('GreaterOrEqual')).toEqual([0, 1, 1, 0]);
  expect(of('Less')).toEqual([1, 0, 0, 0]);
  expect(of('LessOrEqual')).toEqual([1, 1, 0, 0]);
  expect(of('Equal')).toEqual([0, 1, 0, 0]);
});

test('Dropout refuses training', () => {
  expect(() =>
    evaluateOp('Dropout', [float64([1], [1]), float64([], [0.5]), tensor('bool', [], [1])]),
  ).toThrowErrorMatchingInlineSnapshot(
    `[PathwiseError: node "Dropout_0" (Dropout): training_mode = true is not supported. Export the model for inference]`,
  );
});
