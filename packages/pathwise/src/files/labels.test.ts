import { expect, test } from 'vitest';
import { readLabels } from './labels.ts';

const read = (text: string) => readLabels(new TextEncoder().encode(text), 'labels');

test('line k names class k, also where it is empty', () => {
  expect(read('cat\r\n\r\ndog, wild\n')).toEqual(['cat', '', 'dog, wild']);
});

test('JSON array', () => {
  expect(read(' ["cat","dog"]')).toEqual(['cat', 'dog']);
  expect(() => read('["cat",1]')).toThrowErrorMatchingInlineSnapshot(
    `[PathwiseError: labels: is no JSON array of strings]`,
  );
  expect(() => read('')).toThrowErrorMatchingInlineSnapshot(`[PathwiseError: labels: holds no labels]`);
});
