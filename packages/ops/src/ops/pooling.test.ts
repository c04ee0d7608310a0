import { describe, expect, test } from 'vitest';
import { float64, toFloat64, type Tensor } from '@pathwise/model';
import { evaluateOp } from '../../test/evaluate.ts';
import { gradientAt } from '../../test/gradient-at.ts';
import { pattern } from '../../test/pattern.ts';
import { ops } from '../op-set.ts';

const numbers = ({ data }: { data: Float64Array }): number[] => Array.from(data);
const image = pattern([1, 1, 5, 6], 7, 31);

describe('MaxPool', () => {
  test('ceil, padding, indices', () => {
    // torch 2.13: max_pool2d(3, stride 2, padding 1, ceil_mode, return_indices).
    const attrs = { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1], ceil_mode: 1 };
    const [y, indices] = evaluateOp('MaxPool', [image], attrs, 2);
    expect(y.shape).toEqual([1, 1, 3, 4]);
    expect(y.data).toBeClose([0.75, 2.5, 3.25, 0.0, 3.5, 3.5, 3.75, 2.75, 1.25, 3.0, 3.75, 0.5]);
    expect(numbers(indices)).toEqual([7, 8, 4, 11, 13, 13, 22, 17, 25, 26, 22, 29]);
  });

  test('indices by columns count down the columns', () => {
    // Maximum of all is 3 at row 1, column 2 of a 2 x 3 channel: row-major 5, column-major 5; 2 at row 1, column 0.
    const x = float64([1, 2, 2, 3], [0, 0, 0, 2, 0, 0, 0, 5, 0, 0, 0, 0]);
    const index = (storage_order: number): number[] =>
      numbers(evaluateOp('MaxPool', [x], { kernel_shape: [2, 3], storage_order }, 2)[1]);
    expect(index(0)).toEqual([3, 7]);
    expect(index(1)).toEqual([1, 8]);
  });

  test('the first of equal elements takes the cotangent, negative ones too', async () => {
    const x = float64([1, 1, 4], [-2, -2, -2, -3]);
    expect(await gradientAt('MaxPool', [x], { kernel_shape: [2] }, [1, 10, 100])).toEqual([
      Float64Array.of(1, 10, 100, 0),
    ]);
    const square = float64([1, 1, 2, 2], [1, 1, 1, 1]);
    expect(await gradientAt('GlobalMaxPool', [square])).toEqual([Float64Array.of(1, 0, 0, 0)]);
  });

  test('windows wholly in the padding are refused', () => {
    const attrs = { kernel_shape: [2], pads: [2, 0] };
    expect(() => evaluateOp('MaxPool', [pattern([1, 1, 3])], attrs)).toThrow('a window lies wholly in the padding');
    expect(() => evaluateOp('AveragePool', [pattern([1, 1, 3])], attrs)).toThrow('a window lies wholly in the padding');
  });

  test('crossings: the corners of the upper envelope of each window', () => {
    // Window 1: lines 0 -> 2 and 1 -> 1 meet at 1/2. Window 2: 1 -> 1 and 4 -> 0 meet at 3/4.
    const [a, b] = [float64([1, 1, 3], [0, 1, 4]), float64([1, 1, 3], [2, 1, 0])] as const;
    const value = (t: Tensor) => ({ dtype: t.dtype, shape: t.shape, data: toFloat64(t.data) });
    const attrs = { auto_pad: 'NOTSET', kernel_shape: [2], ceil_mode: 0, storage_order: 0 };
    expect(ops.get('MaxPool')!.crossings!([value(a)], [value(b)], attrs)).toBeClose([0.5, 0.75]);
    // All three: 4 - 4t is left at t = 2/3, where it meets 2t above 1.
    expect(ops.get('GlobalMaxPool')!.crossings!([value(a)], [value(b)], {})).toBeClose([2 / 3]);
  });
});

describe('AveragePool', () => {
  // torch 2.13: avg_pool2d((3, 2), stride 2, padding 1, ceil_mode).
  test.each([
    [0, [-2.375, 0.25, -0.125, -1.375, -0.833333333333, 0.5, 0.125, 0.166666666667, -1.875, 0.75, 0.375, -0.875]],
    [
      1,
      [
        -0.791666666667, 0.166666666667, -0.083333333333, -0.458333333333, -0.416666666667, 0.5, 0.125, 0.083333333333,
        -0.625, 0.5, 0.25, -0.291666666667,
      ],
    ],
  ])('count_include_pad %i', (count_include_pad, expected) => {
    const attrs = { kernel_shape: [3, 2], strides: [2, 2], pads: [1, 1, 1, 1], ceil_mode: 1, count_include_pad };
    const [y] = evaluateOp('AveragePool', [image], attrs);
    expect(y.shape).toEqual([1, 1, 3, 4]);
    expect(y.data).toBeClose(expected, { atol: 1e-11 });
  });

  test('what hangs over the stated padding never counts', () => {
    // Size 4, kernel 3, stride 3, ceil: the second window holds element 3 and two places beyond the end.
    const x = float64([1, 1, 4], [1, 2, 3, 8]);
    const attrs = { kernel_shape: [3], strides: [3], ceil_mode: 1 };
    expect(numbers(evaluateOp('AveragePool', [x], { ...attrs, count_include_pad: 1 })[0])).toEqual([2, 8]);
    // With one element of padding it counts: 8 / 2.
    const padded = { ...attrs, pads: [0, 1], count_include_pad: 1 };
    expect(numbers(evaluateOp('AveragePool', [x], padded)[0])).toEqual([2, 4]);
  });
});

describe('LpPool', () => {
  test('p = 3', () => {
    // torch 2.13: lp_pool2d(|x|, 3, (2, 3), stride (1, 2)).
    const [y] = evaluateOp('LpPool', [image], { p: 3, kernel_shape: [2, 3], strides: [1, 2] });
    expect(y.data).toBeClose(
      [
        4.268946552391, 4.665878197288, 4.325078796163, 4.325078796163, 4.665878197288, 4.268946552391, 4.057439458212,
        4.88683296867,
      ],
      { rtol: 1e-11 },
    );
  });

  test('a window of zeros has gradient zero', async () => {
    const x = float64([1, 1, 4], [0, 0, 3, 4]);
    const attrs = { kernel_shape: [2], strides: [2] };
    // The norm of (3, 4) has the gradient (3, 4) / 5.
    expect((await gradientAt('LpPool', [x], attrs))[0]).toBeClose([0, 0, 0.6, 0.8]);
    expect((await gradientAt('GlobalLpPool', [float64([1, 1, 2], [0, 0])]))[0]).toBeClose([0, 0]);
  });
});
