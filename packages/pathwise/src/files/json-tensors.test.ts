import { expect, test } from 'vitest';
import { readJsonTensors } from './json-tensors.ts';

const read = (text: string) => readJsonTensors(new TextEncoder().encode(text), 'a.json');

test('nested arrays', () => {
  expect(read('[[1,2,3],[4,5,6.5]]')).toEqual({
    dtype: 'float64',
    shape: [2, 3],
    data: Float64Array.of(1, 2, 3, 4, 5, 6.5),
  });
  expect(read('[]')).toEqual({ dtype: 'float64', shape: [0], data: new Float64Array(0) });
  expect(read('3')).toEqual({ dtype: 'float64', shape: [], data: Float64Array.of(3) });
});

test('arrays by name', () => {
  expect(read('{"a":[1],"b":[[true]]}')).toEqual({
    a: { dtype: 'float64', shape: [1], data: Float64Array.of(1) },
    b: { dtype: 'float64', shape: [1, 1], data: Float64Array.of(1) },
  });
});

test('errors name the place', () => {
  expect(() => read('[[1,2],[3]]')).toThrowErrorMatchingInlineSnapshot(
    `[PathwiseError: a.json: [1] has 1 entries, the first of its level has 2]`,
  );
  expect(() => read('[1,[2]]')).toThrowErrorMatchingInlineSnapshot(
    `[PathwiseError: a.json: expected a number at [1], got an array]`,
  );
  expect(() => read('[[1],2]')).toThrowErrorMatchingInlineSnapshot(
    `[PathwiseError: a.json: expected an array at [1], got a number]`,
  );
  expect(() => read('{"a":[1,null]}')).toThrowErrorMatchingInlineSnapshot(
    `[PathwiseError: a.json: a.json[a]: expected a number at [1], got null]`,
  );
  expect(() => read('{}')).toThrowErrorMatchingInlineSnapshot(`[PathwiseError: a.json: holds no arrays]`);
  expect(() => read('[1,')).toThrowErrorMatchingInlineSnapshot(
    `[PathwiseError: a.json: is not JSON (Unexpected end of JSON input)]`,
  );
  expect(() => read('['.repeat(100) + ']'.repeat(100))).toThrowErrorMatchingInlineSnapshot(
    `[PathwiseError: a.json: arrays are nested more than 32 deep]`,
  );
});

test('deep nesting does not overflow the stack', () => {
  expect(() => read('['.repeat(100_000) + ']'.repeat(100_000))).toThrow(expect.objectContaining({ code: 'BAD_FILE' }));
});
