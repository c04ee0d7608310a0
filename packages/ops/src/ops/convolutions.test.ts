import { describe, expect, test } from 'vitest';
import { float64 } from '@pathwise/model';
import { evaluateOp } from '../../test/evaluate.ts';
import { gradientAt } from '../../test/gradient-at.ts';
import { pattern } from '../../test/pattern.ts';

// Expected numbers: torch 2.13 in float64 (conv2d, conv3d, conv_transpose1d) on the same patterns.
describe('Conv', () => {
  test('groups, strides, pads, bias', () => {
    const [y] = evaluateOp('Conv', [pattern([1, 4, 5, 4]), pattern([6, 2, 2, 3], 5, 13), pattern([6], 3, 7)], {
      group: 2,
      strides: [2, 1],
      pads: [1, 0, 1, 0],
    });
    expect(y.shape).toEqual([1, 6, 3, 2]);
    expect(y.data).toBeClose([
      0.5, -1.4375, 2.5, -3.875, 0.3125, -2.625, -4.375, 2.25, -4.5, 0.9375, -2.9375, -3.0, 2.9375, 0.25, 2.3125,
      4.9375, -2.125, 3.9375, 1.875, 1.5625, -3.4375, 3.4375, -5.5, 3.4375, 0.1875, -0.3125, 2.0, -0.625, 3.6875,
      -2.375, -0.8125, 1.75, 0.8125, 0.875, -3.5, -3.4375,
    ]);
  });

  test('three axes', () => {
    const [y] = evaluateOp('Conv', [pattern([1, 1, 2, 3, 2]), pattern([2, 1, 2, 2, 1], 5, 13)], {
      pads: [0, 1, 0, 0, 1, 0],
    });
    expect(y.shape).toEqual([1, 2, 1, 4, 2]);
    expect(y.data).toBeClose([
      -0.6875, -0.125, 4.0, -1.8125, -0.0625, 0.3125, -0.625, -0.125, -1.125, 0.75, -2.3125, 2.5625, 0.5625, -2.125,
      0.1875, 0.4375,
    ]);
  });

  // ONNX: SAME_UPPER puts the odd row at the end, SAME_LOWER at the beginning. Kernel of ones: sums of neighbours.
  test.each([
    ['SAME_UPPER', [3, 5, 7, 4]],
    ['SAME_LOWER', [1, 3, 5, 7]],
  ])('%s', (auto_pad, expected) => {
    const x = { ...pattern([1, 1, 4]), data: Float64Array.of(1, 2, 3, 4) };
    const w = { ...pattern([1, 1, 2]), data: Float64Array.of(1, 1) };
    expect(Array.from(evaluateOp('Conv', [x, w], { auto_pad })[0].data)).toEqual(expected);
  });

  test('errors say what does not fit', () => {
    const run = (x: number[], w: number[], attrs = {}) => evaluateOp('Conv', [pattern(x), pattern(w)], attrs);
    expect(() => run([1, 3, 4, 4], [2, 2, 3, 3])).toThrow('expected shape [m,3,k,k]');
    expect(() => run([1, 2, 2, 2], [2, 2, 3, 3])).toThrow('a window of 3 does not fit into spatial axis 0 of size 2');
    expect(() => run([1, 2, 4, 4], [2, 2, 3, 3], { kernel_shape: [2, 3] })).toThrow('(kernel_shape)');
    expect(() => run([1, 2, 4], [2, 2, 3], { strides: [0] })).toThrow('expected 1 numbers >= 1 for strides, got [0]');
    expect(() => run([1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 1])).toThrow('4 spatial axes are not supported');
  });
});

describe('ConvTranspose', () => {
  test('strides, pads, output padding, bias', () => {
    const [y] = evaluateOp('ConvTranspose', [pattern([1, 2, 4]), pattern([2, 2, 3], 5, 13), pattern([2], 3, 7)], {
      strides: [2],
      pads: [1, 1],
      output_padding: [1],
    });
    expect(y.shape).toEqual([1, 2, 8]);
    expect(y.data).toBeClose([
      -0.25, -2.6875, -1.4375, 0.9375, 0.125, -4.375, -1.0625, 0.5, 0.0, -2.5625, -0.8125, 1.8125, 1.125, -2.75, 0.3125,
      1.875,
    ]);
  });

  // One window of [a, b, c] a step of 3: the full output [a, b, c, a, b, c] is cut to 5 elements, the odd one first
  // unless SAME_UPPER; a larger shape has zeros at its end.
  test.each([
    [{ output_shape: [5] }, [2, 4, 1, 2, 4]],
    [{ output_shape: [5], auto_pad: 'SAME_UPPER' }, [1, 2, 4, 1, 2]],
    [{ output_shape: [8] }, [1, 2, 4, 1, 2, 4, 0, 0]],
  ])('%j', (attrs, expected) => {
    const x = { ...pattern([1, 1, 2]), data: Float64Array.of(1, 1) };
    const w = { ...pattern([1, 1, 3]), data: Float64Array.of(1, 2, 4) };
    const [y] = evaluateOp('ConvTranspose', [x, w], { strides: [3], ...attrs });
    expect(Array.from(y.data)).toEqual(expected);
  });
});

describe('matrix products', () => {
  test('Gemm', () => {
    // By hand: 0.5 A'B' + 2 C with A' = [[1, 3], [2, 4]], B' = [[1, 2], [0, 1]], C = [10, 20].
    const two = (data: number[]) => ({ ...pattern([2, 2]), data: Float64Array.from(data) });
    const c = { ...pattern([2]), data: Float64Array.of(10, 20) };
    const attrs = { alpha: 0.5, beta: 2, transA: 1, transB: 1 };
    const [y] = evaluateOp('Gemm', [two([1, 2, 3, 4]), two([1, 0, 2, 1]), c], attrs);
    expect(Array.from(y.data)).toEqual([20.5, 42.5, 21, 44]);
  });

  test('MatMul: shapes of vectors and batches', () => {
    const shape = (a: number[], b: number[]) => evaluateOp('MatMul', [pattern(a), pattern(b)])[0].shape;
    expect(shape([3], [3])).toEqual([]);
    expect(shape([3], [2, 3, 4])).toEqual([2, 4]);
    expect(shape([2, 1, 2, 3], [5, 3, 4])).toEqual([2, 5, 2, 4]);
    expect(() => shape([2, 3], [2, 3])).toThrow('expected shape [..., 3, n]');
  });

  // torch 2.13, einsum in float64.
  test.each([
    [
      'bi,oij,bj->bo',
      [pattern([2, 3]), pattern([2, 3, 2], 5, 13), pattern([2, 2], 3, 7)],
      [-1.6875, 0.46875, -0.9375, -1.78125],
    ],
    ['...ii,i...->...i', [pattern([2, 3, 3]), pattern([3, 2], 5, 13)], [1.875, 0.25, -0.25, -0.1875, 0.5, 1.5]],
  ])('Einsum %s', (equation, operands, expected) => {
    expect(evaluateOp('Einsum', operands, { equation })[0].data).toBeClose(expected);
  });

  // F = sum over a, b of x_b y_ab, y of size 1 along b: dx_b = sum over a of y_a0, dy_a0 = sum over b of x_b.
  test('Einsum: the gradient along an axis that the other operand has with size 1', async () => {
    const operands = [float64([3], [1, 2, 4]), float64([2, 1], [3, 5])];
    const [dx, dy] = await gradientAt('Einsum', operands, { equation: 'b,ab->' });
    expect(dx).toBeClose([8, 8, 8]);
    expect(dy).toBeClose([7, 7]);
  });

  test('Einsum: equations that do not fit', () => {
    const run = (equation: string) => evaluateOp('Einsum', [pattern([2, 3]), pattern([4, 2])], { equation });
    expect(() => run('ij,jk->ik')).toThrow('axis j has size 3 and 4');
    expect(() => run('ij->ij')).toThrow('expected letters for 2 operands');
    expect(() => run('ij,ki->kz')).toThrow('expected each output letter once, and in an operand');
  });
});
