import { describe, expect, test } from 'vitest';
import { methodById, type Method } from '@pathwise/attribution';
import { splitName } from './named.ts';
import { numberOf, parseBytes, parseInteger } from './numbers.ts';
import { parseParams } from './params.ts';
import { parseTarget } from './target.ts';

describe('targets', () => {
  test.each([
    ['top1', 'top1'],
    ['sum', 'sum'],
    ['3', 3],
    ['2-0', { contrast: [2, 0] }],
    ['[1,2]', { index: [1, 2] }],
    ['[ 0 , 4 ]', { index: [0, 4] }],
    ['[0,1]-[0,2]', { contrast: [{ index: [0, 1] }, { index: [0, 2] }] }],
    ['3,top1,2-1', { perRow: [3, 'top1', { contrast: [2, 1] }] }],
    ['[1,2],[3,4]', { perRow: [{ index: [1, 2] }, { index: [3, 4] }] }],
  ])('%s', (text, expected) => {
    expect(parseTarget(text)).toEqual(expected);
  });

  test.each(['', 'top2', '-1', '1-', '1.5', '[1,]', '[]', '1,,2', '[1,2', '1-2-3', 'sum-1'])('not "%s"', (text) => {
    expect(() => parseTarget(text)).toThrow(expect.objectContaining({ code: 'BAD_ARGUMENT' }));
  });
});

describe('numbers', () => {
  test.each([
    ['0', 0],
    ['-1.5', -1.5],
    ['.5', 0.5],
    ['1e-3', 1e-3],
    ['5.', 5],
  ])('%s', (text, value) => {
    expect(numberOf(text)).toBe(value);
  });

  test.each(['', 'x', '1x', '0x10', 'NaN', 'Infinity', '1_000', '1,5'])('not "%s"', (text) => {
    expect(numberOf(text)).toBe(null);
  });

  test('bounds', () => {
    expect(parseInteger('--steps', '50', 1)).toBe(50);
    expect(() => parseInteger('--steps', '0', 1)).toThrowErrorMatchingInlineSnapshot(
      `[PathwiseError: --steps: expected an integer of at least 1, got "0"]`,
    );
    expect(() => parseInteger('--steps', '2.5', 1)).toThrowErrorMatchingInlineSnapshot(
      `[PathwiseError: --steps: expected an integer of at least 1, got "2.5"]`,
    );
  });

  // Decimal units are powers of 1000, binary ones (IEC 80000-13) of 1024.
  test.each([
    ['1000', 1000],
    ['512MB', 512e6],
    ['512MiB', 512 * 2 ** 20],
    ['1.5 GB', 1.5e9],
    ['64k', 64000],
  ])('%s bytes', (text, bytes) => {
    expect(parseBytes('--max-bytes', text)).toBe(bytes);
  });

  test.each(['', 'MB', '0', '-5', '5 parsecs'])('not "%s" bytes', (text) => {
    expect(() => parseBytes('--max-bytes', text)).toThrow(expect.objectContaining({ code: 'BAD_ARGUMENT' }));
  });
});

describe('parameters', () => {
  const method: Method = {
    ...methodById('integrated-gradients'),
    id: 'tried',
    params: [
      { name: 'window', doc: '', type: 'numbers', default: [1], min: 1 },
      { name: 'epsilon', doc: '', type: 'number', default: 0 },
      { name: 'others', doc: '', type: 'choice', default: 'rescale', choices: ['rescale', 'gradient'] },
      { name: 'clip', doc: '', type: 'boolean', default: false },
      { name: 'samples', doc: '', type: 'integer', default: 10, min: 1 },
    ],
  };

  test('typed by the registry entry', () => {
    const texts = ['window=1,3,3', 'epsilon=1e-9', 'others=gradient', 'clip=true', 'samples=5'];
    expect(parseParams(texts, method)).toEqual({
      window: [1, 3, 3],
      epsilon: 1e-9,
      others: 'gradient',
      clip: true,
      samples: 5,
    });
    expect(parseParams(['window=4'], method)).toEqual({ window: [4] });
  });

  test('errors list what there is', () => {
    expect(() => parseParams(['windows=1'], method)).toThrowErrorMatchingInlineSnapshot(
      `[PathwiseError: --param: tried has no parameter "windows". Did you mean window? It has window (0 or more numbers of at least 1), epsilon (a number), others (rescale or gradient), clip (true or false), samples (an integer of at least 1)]`,
    );
    expect(() => parseParams(['others=x'], method)).toThrowErrorMatchingInlineSnapshot(
      `[PathwiseError: --param others: expected rescale or gradient, got "x"]`,
    );
    expect(() => parseParams(['window=1,x'], method)).toThrowErrorMatchingInlineSnapshot(
      `[PathwiseError: --param window: expected 0 or more numbers of at least 1, got "1,x"]`,
    );
    expect(() => parseParams(['clip=yes'], method)).toThrowErrorMatchingInlineSnapshot(
      `[PathwiseError: --param clip: expected true or false, got "yes"]`,
    );
    expect(() => parseParams(['clip'], method)).toThrowErrorMatchingInlineSnapshot(
      `[PathwiseError: --param: expected NAME=VALUE, got "clip"]`,
    );
    expect(() => parseParams(['clip=true', 'clip=false'], method)).toThrowErrorMatchingInlineSnapshot(
      `[PathwiseError: --param clip is given twice]`,
    );
    expect(() => parseParams(['x=1'], { ...method, params: [] })).toThrowErrorMatchingInlineSnapshot(
      `[PathwiseError: --param x: tried has no parameters]`,
    );
  });
});

test('NAME= belongs to a file only when it is an input', () => {
  expect(splitName('x=a.npy', ['x', 'y'])).toEqual({ name: 'x', rest: 'a.npy' });
  expect(splitName('run=3/a.npy', ['x', 'y'])).toEqual({ name: null, rest: 'run=3/a.npy' });
  expect(splitName('x=1=a.npy', ['x', 'x=1'])).toEqual({ name: 'x=1', rest: 'a.npy' });
});
