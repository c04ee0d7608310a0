import { describe, expect, test } from 'vitest';
import { valueOf } from '@pathwise/graph';
import { float64 } from '@pathwise/model';
import { evaluateOp } from '../../test/evaluate.ts';
import { gradientAt } from '../../test/gradient-at.ts';
import { clip } from './clip.ts';

const x = float64([5], [-2, -1, 0, 1, 2]);
const bound = (value: number) => float64([], [value]);

describe('Clip', () => {
  test('values; an upper bound below the lower one wins', () => {
    expect(evaluateOp('Clip', [x, bound(-1), bound(1)])[0].data).toBeClose([-1, -1, 0, 1, 1]);
    expect(evaluateOp('Clip', [x, null, bound(1)])[0].data).toBeClose([-2, -1, 0, 1, 1]);
    expect(evaluateOp('Clip', [x, bound(1), bound(-1)])[0].data).toBeClose([-1, -1, -1, -1, -1]);
  });

  // Convention: the derivative by x is 0 at both bounds; elsewhere each element belongs to one of x, min, max.
  test('derivatives at and beyond the bounds', async () => {
    const [dx, dMin, dMax] = await gradientAt('Clip', [x, bound(-1), bound(1)]);
    expect(dx).toBeClose([0, 0, 1, 0, 0]);
    expect(dMin).toBeClose([1]);
    expect(dMax).toBeClose([1]);
  });

  test('derivatives when the bounds are the wrong way round: all belongs to max', async () => {
    const [dx, dMin, dMax] = await gradientAt('Clip', [x, bound(1), bound(-1)]);
    expect(dx).toBeClose([0, 0, 0, 0, 0]);
    expect(dMin).toBeClose([0]);
    expect(dMax).toBeClose([5]);
  });

  // Closed form: from -2 to 2 on a straight line, -1 is passed at 1/4 and 1 at 3/4.
  test('crossings', () => {
    const bounds = [valueOf(bound(-1)), valueOf(bound(1))];
    const places = clip.crossings!(
      [valueOf(float64([2], [-2, 0])), ...bounds],
      [valueOf(float64([2], [2, 1])), ...bounds],
      {},
    );
    expect(places).toBeClose([0.25, 0.75]);
  });
});
