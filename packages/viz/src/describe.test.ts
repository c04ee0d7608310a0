import { float32 } from '@pathwise/model';
import { expect, test } from 'vitest';
import { attributionOf } from '../test/helpers.ts';
import { evaluationsName, sumOf, sumSentence, targetName } from './describe.ts';

const base = attributionOf([2, 2], [1, 2, 3, -5]);
const labels = ['cat', 'dog', '', 'bird'];

test.each([
  ['logits[1]', 'dog (logits[1])'],
  ['logits[3] - logits[0]', 'bird − cat (logits[3] - logits[0])'],
  ['logits[2]', 'logits[2]'], // no name
  ['logits[9]', 'logits[9]'], // out of the list
  ['sum of logits', 'sum of logits'],
])('target %s with labels', (target, expected) => {
  expect(targetName({ ...base, target: [target] }, 0, labels)).toBe(expected);
  expect(targetName({ ...base, target: [target] }, 0)).toBe(target);
});

test('the sum runs over one row of all attributed tensors', () => {
  const attributions = { ...base.attributions, y: float32([2, 1], [10, 20]) };
  expect(sumOf({ ...base, attributions }, 0)).toBe(13);
  expect(sumOf({ ...base, attributions }, 1)).toBe(18);
});

test('a group of features counts once, however many elements carry its value', () => {
  expect(sumOf({ ...base, perPlayer: [[3], [4, -1]] }, 0)).toBe(3);
  expect(sumOf({ ...base, perPlayer: [[3], [4, -1]] }, 1)).toBe(3);
});

test('without a baseline the sum is compared with F(x); without a relative delta the absolute one is given', () => {
  expect(sumSentence({ ...base, outputAtBaseline: null }, 0)).toBe('Σ 3.000, F(x) 4.750, Δ 1.4 %');
  expect(sumSentence({ ...base, relativeDelta: [null, null] }, 0)).toBe('Σ 3.000, F(x) − F(x′) 4.500, Δ +0.0625');
  expect(sumSentence({ ...base, convergenceDelta: null }, 0)).toBeNull();
});

test.each([
  [{ forward: 0, gradient: 1 }, '1 gradient'],
  [{ forward: 1, gradient: 0 }, '1 forward pass'],
  [{ forward: 2, gradient: 12_345 }, '12,345 gradients and 2 forward passes'],
  [{ forward: 0, gradient: 0 }, 'no evaluations'],
])('evaluations %o', (evaluations, expected) => {
  expect(evaluationsName({ ...base, evaluations })).toBe(expected);
});
