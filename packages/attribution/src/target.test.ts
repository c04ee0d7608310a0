import { float64, type Target } from '@pathwise/model';
import { describe, expect, test } from 'vitest';
import { fixTarget, resolveTarget } from './target.ts';

const output = float64([2, 3], [1, 5, 2, 7, 0, 7]);
const described = (target: Target) => resolveTarget(target, 'logits', 'y', output).descriptions;
const weights = (target: Target) =>
  resolveTarget(target, 'logits', 'y', output).objective.rows.map((row) =>
    row.kind === 'linear' ? [...row.weights] : row.kind,
  );

describe('targets', () => {
  test.each<[string, Target, string[], unknown[]]>([
    [
      'an index',
      2,
      ['logits[2]', 'logits[2]'],
      [
        [0, 0, 1],
        [0, 0, 1],
      ],
    ],
    [
      'the largest, the first of equal ones',
      'top1',
      ['logits[1]', 'logits[0]'],
      [
        [0, 1, 0],
        [1, 0, 0],
      ],
    ],
    [
      'one a row',
      { perRow: [0, 'top1'] },
      ['logits[0]', 'logits[0]'],
      [
        [1, 0, 0],
        [1, 0, 0],
      ],
    ],
    [
      'the sum',
      'sum',
      ['sum of logits', 'sum of logits'],
      [
        [1, 1, 1],
        [1, 1, 1],
      ],
    ],
    [
      'a contrast',
      { contrast: ['top1', 2] },
      ['logits[1] - logits[2]', 'logits[0] - logits[2]'],
      [
        [0, 1, -1],
        [1, 0, -1],
      ],
    ],
  ])('%s', (_, target, descriptions, expected) => {
    expect(described(target)).toEqual(descriptions);
    expect(weights(target)).toEqual(expected);
  });

  test('an element of an output of higher rank', () => {
    const deep = float64([1, 2, 2], [1, 2, 3, 4]);
    const { objective, descriptions } = resolveTarget({ index: [1, 0] }, 'tags', 'y', deep);
    expect(descriptions).toEqual(['tags[1,0]']);
    expect(objective.rows).toEqual([{ kind: 'linear', weights: Float64Array.of(0, 0, 1, 0) }]);
    expect(() => resolveTarget('top1', 'tags', 'y', deep)).toThrowErrorMatchingInlineSnapshot(
      `[PathwiseError: target: top1 needs rows of rank 1, tags has rows of shape [2,2]. Give an index: [i,j,...]]`,
    );
    expect(() => resolveTarget(1, 'tags', 'y', deep)).toThrow('2 numbers');
  });

  test('a contrast with a function has the difference of values and gradients', () => {
    const square: Target = ([a = 0]) => ({ value: a * a, gradient: [2 * a, 0, 0] });
    const [row] = resolveTarget({ contrast: [square, 1] }, 'logits', 'y', output).objective.rows;
    const { value, gradient } =
      row?.kind === 'function' ? row.evaluate(Float64Array.of(3, 5, 0)) : { value: NaN, gradient: [] };
    expect(value).toBe(4);
    expect(Array.from(gradient)).toEqual([6, -1, 0]);
  });

  test('fixed targets name what top1 meant', () => {
    expect(fixTarget({ contrast: ['top1', 2] }, output)).toEqual([
      { contrast: [{ index: [1] }, 2] },
      { contrast: [{ index: [0] }, 2] },
    ]);
  });

  // What the compiler does not see in plain JavaScript.
  test.each<[string, unknown, string]>([
    ['a list', [2, 1], 'perRow'],
    ['an object of another kind', { class: 2 }, 'class'],
    ['nothing', null, 'null'],
    ['a word', 'best', 'best'],
  ])('%s is refused', (_name, target, said) => {
    expect(() => described(target as Target)).toThrow(expect.objectContaining({ code: 'BAD_ARGUMENT' }) as Error);
    expect(() => described(target as Target)).toThrow(said);
  });
});
