import { describe, expect, test } from 'vitest';
import { valueOf } from '@pathwise/graph';
import { float64, int64 } from '@pathwise/model';
import { evaluateOp } from '../../test/evaluate.ts';
import { gradientAt } from '../../test/gradient-at.ts';
import { reduceL1 } from './reduce-l1.ts';
import { reduceMax } from './reduce-max.ts';

const x = float64([2, 3], [1, -2, 2, 3, 0, -6]);
const last = int64([1], [-1]);

describe('reductions', () => {
  // Closed forms over the rows (1, -2, 2) and (3, 0, -6).
  test.each([
    ['ReduceSum', [1, -3]],
    ['ReduceMean', [1 / 3, -1]],
    ['ReduceMax', [2, 3]],
    ['ReduceMin', [-2, -6]],
    ['ReduceProd', [-4, 0]],
    ['ReduceL1', [5, 9]],
    ['ReduceL2', [3, Math.sqrt(45)]],
    ['ReduceSumSquare', [9, 45]],
    ['ReduceLogSumExp', [Math.log(Math.exp(1) + Math.exp(-2) + Math.exp(2)), Math.log(Math.exp(3) + 1 + Math.exp(-6))]],
  ])('%s', (op, expected) => {
    const [y] = evaluateOp(op, [x, last], { keepdims: 0 });
    expect(y.shape).toEqual([2]);
    expect(y.data).toBeClose(expected, { rtol: 1e-14 });
  });

  test('axes: none means all, or none on request; several need not be neighbours', () => {
    const cube = float64([2, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8]);
    expect(evaluateOp('ReduceSum', [x, null])[0]).toMatchObject({ shape: [1, 1], data: Float64Array.of(-2) });
    expect(evaluateOp('ReduceSum', [x, null], { noop_with_empty_axes: 1 })[0].data).toBeClose(x.data);
    expect(evaluateOp('ReduceSum', [cube, int64([2], [2, 0])])[0]).toMatchObject({
      shape: [1, 2, 1],
      data: Float64Array.of(14, 22),
    });
  });

  test('axes that are wrong or not constant', () => {
    expect(() => evaluateOp('ReduceSum', [x, int64([1], [2])])).toThrowErrorMatchingInlineSnapshot(
      `[PathwiseError: node "ReduceSum_0" (ReduceSum): axes: expected an integer in [-2, 1] for axis, got 2]`,
    );
    expect(() => evaluateOp('ReduceSum', [x, int64([2], [1, -1])])).toThrowErrorMatchingInlineSnapshot(
      `[PathwiseError: node "ReduceSum_0" (ReduceSum): axes: expected each axis once for axes, got [1,-1]]`,
    );
  });

  test('ReduceLogSumExp far from 0', () => {
    expect(evaluateOp('ReduceLogSumExp', [float64([2], [1000, 1000])])[0].data).toBeClose([1000 + Math.LN2]);
    expect(evaluateOp('ReduceLogSumExp', [float64([2], [-1000, -1000])])[0].data).toBeClose([-1000 + Math.LN2]);
    expect(evaluateOp('ReduceLogSumExp', [float64([2], [-Infinity, -Infinity])])[0].data).toBeClose([-Infinity]);
  });

  // Convention: the first of equal elements in scan order takes all, over axes that are neighbours or not.
  test('ties of ReduceMax and ReduceMin', async () => {
    const ties = float64([2, 2, 2], [-1, -3, -1, -2, -3, -1, -1, -3]);
    expect((await gradientAt('ReduceMax', [ties, int64([1], [1])]))[0]).toBeClose([1, 0, 0, 1, 0, 1, 1, 0]);
    expect((await gradientAt('ReduceMax', [ties, int64([2], [0, 2])]))[0]).toBeClose([1, 0, 1, 0, 0, 0, 0, 0]);
    expect((await gradientAt('ReduceMax', [ties, null]))[0]).toBeClose([1, 0, 0, 0, 0, 0, 0, 0]);
    expect((await gradientAt('ReduceMin', [ties, int64([2], [0, 2])]))[0]).toBeClose([0, 1, 0, 0, 0, 0, 0, 1]);
  });

  // Closed form: the derivative by an element is the product of the others.
  test('ReduceProd at zeros', async () => {
    const zeros = float64([4, 3], [2, 3, 4, 2, 0, 4, 0, 3, 0, 0, 0, 0]);
    const [dx] = await gradientAt('ReduceProd', [zeros, last]);
    expect(dx).toBeClose([12, 8, 6, 0, 8, 0, 0, 0, 0, 0, 0, 0]);
  });

  // Convention: 0, as for |x| at 0.
  test('norms at 0', async () => {
    const zero = float64([2], [0, 0]);
    expect((await gradientAt('ReduceL2', [zero, null]))[0]).toBeClose([0, 0]);
    expect((await gradientAt('ReduceL1', [zero, null]))[0]).toBeClose([0, 0]);
  });

  // Closed form: 1 - t and 2 t meet at 1/3; -1 + 4 t is 0 at 1/4.
  test('crossings', () => {
    const along = (a: number[], b: number[]) => [
      [valueOf(float64([1, 2], a)), valueOf(last)],
      [valueOf(float64([1, 2], b)), valueOf(last)],
    ];
    const attrs = { keepdims: 1, noop_with_empty_axes: 0 };
    const [from, to] = along([1, 0], [0, 2]);
    expect(reduceMax.crossings!(from, to, attrs)).toBeClose([1 / 3]);
    const [left, right] = along([-1, 1], [3, 2]);
    expect(reduceL1.crossings!(left, right, attrs)).toBeClose([0.25]);
  });
});

test('ArgMax and ArgMin: first of equal ones, last on request', () => {
  const ties = float64([2, 3], [1, 1, 0, 0, 2, 2]);
  expect(Array.from(evaluateOp('ArgMax', [ties], { axis: 1, keepdims: 0 })[0].data)).toEqual([0, 1]);
  expect(Array.from(evaluateOp('ArgMax', [ties], { axis: 1, select_last_index: 1 })[0].data)).toEqual([1, 2]);
  expect(Array.from(evaluateOp('ArgMin', [ties], { axis: 0 })[0].data)).toEqual([1, 0, 0]);
});

describe('cumulative', () => {
  const line = float64([4], [2, 3, 4, 5]);
  // Closed forms: partial sums and products.
  test.each([
    ['CumSum', {}, [2, 5, 9, 14]],
    ['CumSum', { exclusive: 1 }, [0, 2, 5, 9]],
    ['CumSum', { reverse: 1 }, [14, 12, 9, 5]],
    ['CumSum', { reverse: 1, exclusive: 1 }, [12, 9, 5, 0]],
    ['CumProd', {}, [2, 6, 24, 120]],
    ['CumProd', { reverse: 1, exclusive: 1 }, [60, 20, 5, 1]],
  ] as const)('%s %o', (op, attrs, expected) => {
    expect(evaluateOp(op, [line, int64([], [0])], attrs)[0].data).toBeClose(expected);
  });

  // Closed form of sum_j c_j x_0...x_j at (2, 0, 3, 0, 5), c = (1, 10, 100, 1000, 10000): by x_1 it is
  // 10 * 2 + 100 * 2 * 3 = 620; by x_0 it is 1; all others contain the first zero.
  test('CumProd at zeros', async () => {
    const zeros = float64([5], [2, 0, 3, 0, 5]);
    const [dx] = await gradientAt('CumProd', [zeros, int64([], [0])], {}, [1, 10, 100, 1000, 10000]);
    expect(dx).toBeClose([1, 620, 0, 0, 0]);
    // Exclusive: the terms are c_1 x_0 + c_2 x_0 x_1 + c_3 x_0 x_1 x_2 + ...
    const [exclusive] = await gradientAt(
      'CumProd',
      [zeros, int64([], [0])],
      { exclusive: 1 },
      [1, 10, 100, 1000, 10000],
    );
    expect(exclusive).toBeClose([10, 200 + 6000, 0, 0, 0]);
  });
});
