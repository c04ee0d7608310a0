import { describe, expect, test } from 'vitest';
import { float32, int64 } from '@pathwise/model';
import { evaluateOp, gradientOp } from '../../test/evaluate.ts';

describe.each(['ScatterElements', 'ScatterND'])('%s on a vector', (op) => {
  const indices = (...values: number[]) => int64(op === 'ScatterND' ? [values.length, 1] : [values.length], values);
  const apply = (data: number[], at: number[], updates: number[], reduction: string) =>
    evaluateOp(op, [float32([data.length], data), indices(...at), float32([at.length], updates)], { reduction })[0]!
      .data;

  // Closed forms.
  test.each([
    ['none', [1, 9, 3]],
    ['add', [1, 19, 3]],
    ['mul', [1, 16 * 9, 3]],
    ['max', [1, 9, 3]],
    ['min', [1, 2, 3]],
  ])('reduction %s', (reduction, expected) => {
    expect(apply([1, 2, 3], [1, -2], [8, 9], reduction)).toBeClose(expected);
  });

  test('an index out of range is refused', () => {
    expect(() => apply([1, 2, 3], [3], [1], 'none')).toThrow(/index 3 is outside of \[-3, 2\]/);
    expect(() => apply([1, 2, 3], [-4], [1], 'none')).toThrow(/index -4 is outside/);
  });

  const gradients = (data: number[], at: number[], updates: number[], reduction: string) =>
    gradientOp(
      op,
      [float32([data.length], data), indices(...at), float32([at.length], updates)],
      float32([data.length], [10, 20, 30]),
      [0, 2],
      { reduction },
    );

  // The project's choice for ties: of equal ones the first takes all; the data come before the updates.
  test('max: the first of equal ones takes all', async () => {
    expect(await gradients([5, 1, 1], [0, 1, 1, 2], [5, 4, 4, 0], 'max')).toEqual(
      [
        [10, 0, 30],
        [0, 20, 0, 0],
      ].map((row) => Float64Array.from(row)),
    );
  });

  test('min: likewise', async () => {
    expect(await gradients([5, 1, 1], [0, 0, 1, 2], [3, 3, 1, 0], 'min')).toEqual(
      [
        [0, 20, 0],
        [10, 0, 0, 30],
      ].map((row) => Float64Array.from(row)),
    );
  });

  // The derivative of a product by a factor is the product of the others: with one zero only the zero has one.
  test('mul: zeros among the factors', async () => {
    const [data, updates] = await gradients([0, 2, 0], [0, 0, 1, 2], [3, 4, 0, 0], 'mul');
    expect(data).toBeClose([10 * 12, 0, 0]);
    expect(updates).toBeClose([0, 0, 20 * 2, 0]);
  });
});

// Numbers of the ONNX standard, ScatterElements, example 1.
test('ScatterElements along the first axis', () => {
  const [{ data }] = evaluateOp('ScatterElements', [
    float32([3, 3], new Float32Array(9)),
    int64([2, 3], [1, 0, 2, 0, 2, 1]),
    float32([2, 3], [1, 1.1, 1.2, 2, 2.1, 2.2]),
  ]);
  expect(data).toBeClose([2, 1.1, 0, 1, 0, 2.2, 0, 2.1, 1.2], { rtol: 1e-6 });
});
