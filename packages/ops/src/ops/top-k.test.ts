import { describe, expect, test } from 'vitest';
import { float32, int64 } from '@pathwise/model';
import { evaluateOp, gradientOp } from '../../test/evaluate.ts';
import { topK } from './top-k.ts';

const vector = (...values: number[]) => ({
  dtype: 'float32' as const,
  shape: [values.length],
  data: Float64Array.from(values),
});
const k = (count: number) => ({ dtype: 'int64' as const, shape: [1], data: Float64Array.of(count) });

describe('TopK', () => {
  // ONNX standard: of equal elements the one with the lower index comes first, for the smallest too.
  test.each([
    [1, [4, 4, 3], [1, 3, 4]],
    [0, [1, 1, 3], [0, 2, 4]],
  ])('ties, largest = %i', (largest, values, indices) => {
    const results = evaluateOp('TopK', [float32([5], [1, 4, 1, 4, 3]), int64([1], [3])], { largest }, 2);
    expect(results.map(({ data }) => [...data])).toEqual([values, indices]);
    expect(results[1]!.dtype).toBe('int64');
  });

  test('the cotangent goes to the first of equal elements', async () => {
    const [dx] = await gradientOp('TopK', [float32([4], [2, 5, 5, 5]), int64([1], [2])], float32([2], [10, 20]));
    expect(dx).toBeClose([0, 10, 20, 0]);
  });

  test('k beyond the axis is refused', () => {
    expect(() => evaluateOp('TopK', [float32([2], [1, 2]), int64([1], [3])])).toThrow(
      /expected an integer in \[0, 2\]/,
    );
  });

  // (0, 1, 3) to (4, 1, 3): the first passes the second at t = 1/4 and the third at t = 3/4.
  test('places where the order within the first k changes', () => {
    const places = (count: number, largest: number) =>
      topK.crossings!([vector(0, 1, 3), k(count)], [vector(4, 1, 3), k(count)], { axis: 0, largest, sorted: 1 });
    expect(places(1, 1)).toBeClose([0.75]);
    expect(places(2, 1)).toBeClose([0.25, 0.75]);
    expect(places(1, 0)).toBeClose([0.25]);
  });

  // x runs from 0 to s and meets the constants, all 0.7, at 0.7 / s; rounded there, x is below or above them.
  test('places where one element meets several equal ones', () => {
    for (const slope of Array.from({ length: 50 }, (_, i) => 1 + i / 7)) {
      const [from, to] = [vector(0, 0.7, 0.7, 0.7), vector(slope, 0.7, 0.7, 0.7)];
      for (const largest of [0, 1]) {
        const places = topK.crossings!([from, k(1)], [to, k(1)], { axis: 0, largest, sorted: 1 });
        expect([...new Set(places)]).toBeClose([0.7 / slope]);
      }
    }
  });
});
