import { int64 } from '@pathwise/model';
import { completeAttrs, type OpExample } from '@pathwise/graph';
import { describe, expect, test } from 'vitest';
import { ops } from '../src/index.ts';
import { caseOf, deepLift, propagateCase } from './relevance-case.ts';

const example: OpExample = { name: 'three', attrs: { keepdims: 0 }, inputs: [[1, 3], int64([1], [1])] };

/** Contributions of the elements of a row to its largest or smallest. */
async function contributions(op: 'ReduceMax' | 'ReduceMin', x: number[], from: number[]): Promise<number[]> {
  const def = ops.get(op)!;
  const c = caseOf(def, { ...example, attrs: completeAttrs(def, example.attrs ?? {}, op) }, [0]);
  const numbers = {
    at: { x0: Float64Array.from(x) },
    from: { x0: Float64Array.from(from) },
    seed: Float64Array.of(1),
  };
  const { values } = await propagateCase(c, deepLift('rescale'), 'y0', numbers);
  return Array.from(values['x0'], (m, i) => m * (x[i] - from[i]));
}

// By hand: with other winners at both ends the winner of the higher maximum takes the whole difference. A minimum is
// the maximum of the negated numbers, negated.
describe.each([
  ['the new winner rises', [1, 5, 2], [4, 0, 0], [0, 1, 0]],
  ['the old winner falls', [4, 0, 0], [1, 5, 0], [0, -1, 0]],
  ['one winner', [7, 5, 2], [4, 0, 0], [3, 0, 0]],
  ['a tie at the baseline', [1, 2, 3], [2, 2, 2], [0, 0, 1]],
])('%s', (_, x, from, expected) => {
  const negated = (values: number[]): number[] => values.map((v) => 0 - v);
  test('of a maximum', async () => {
    expect(await contributions('ReduceMax', x, from)).toBeClose(expected);
  });
  test('of a minimum', async () => {
    expect(await contributions('ReduceMin', negated(x), negated(from))).toBeClose(negated(expected));
  });
});
