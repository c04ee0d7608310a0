import { describe, expect, test } from 'vitest';
import { valueOf } from '@pathwise/graph';
import { float64 } from '@pathwise/model';
import { evaluateOp } from '../../test/evaluate.ts';
import { gradientAt } from '../../test/gradient-at.ts';
import { max, min } from './extrema.ts';

const a = float64([4], [1, 5, 2, -1]);
const b = float64([4], [1, 2, 2, -1]);
const c = float64([1], [2]);

describe('Max and Min', () => {
  test('values with broadcasting', () => {
    expect(evaluateOp('Max', [a, b, c])[0].data).toBeClose([2, 5, 2, 2]);
    expect(evaluateOp('Min', [a, b, c])[0].data).toBeClose([1, 2, 2, -1]);
    expect(evaluateOp('Max', [a])[0].data).toBeClose([1, 5, 2, -1]);
  });

  // Convention: of equal inputs the first takes all.
  test('the first of equal inputs takes the cotangent', async () => {
    const dMax = await gradientAt('Max', [a, b, c], {}, [1, 10, 100, 1000]);
    expect(dMax[0]).toBeClose([0, 10, 100, 0]);
    expect(dMax[1]).toBeClose([0, 0, 0, 0]);
    expect(dMax[2]).toBeClose([1001]);
    const dMin = await gradientAt('Min', [a, b, c], {}, [1, 10, 100, 1000]);
    expect(dMin[0]).toBeClose([1, 0, 100, 1000]);
    expect(dMin[1]).toBeClose([0, 10, 0, 0]);
    expect(dMin[2]).toBeClose([0]);
  });

  // Closed form: 1 - t and 2 t meet at 1/3; t and 1/2 at 1/2.
  test('crossings', () => {
    const from = [valueOf(float64([2], [1, 0])), valueOf(float64([2], [0, 0.5]))];
    const to = [valueOf(float64([2], [0, 1])), valueOf(float64([2], [2, 0.5]))];
    expect(max.crossings!(from, to, {})).toBeClose([1 / 3, 0.5]);
    expect(min.crossings!(from, to, {})).toBeClose([1 / 3, 0.5]);
  });
});
