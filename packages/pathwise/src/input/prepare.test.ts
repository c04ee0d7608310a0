import { describe, expect, test } from 'vitest';
import { float32, float64, int64, type InputInfo, type PathwiseError } from '@pathwise/model';
import { writeNpy } from '../files/npy.ts';
import { writeNpz } from '../files/npz.ts';
import { prepareInput, type PrepareOptions } from './prepare.ts';

const x: InputInfo = { name: 'x', dtype: 'float32', shape: ['batch', 2, 2], batched: true, attributedAt: 'x' };
const ids: InputInfo = {
  name: 'ids',
  dtype: 'int64',
  shape: ['batch', 'length'],
  batched: true,
  attributedAt: 'embedded',
};

const files: Record<string, Uint8Array> = {
  'x.npy': writeNpy(float32([1, 2, 2], [1, 2, 3, 4])),
  'any.npz': writeNpz({ anything: float32([2, 2], [1, 2, 3, 4]) }),
  'both.npz': writeNpz({ x: float32([1, 2, 2], [1, 2, 3, 4]), ids: float32([1, 2], [5, 6]) }),
  'other.npz': writeNpz({ x: float32([1, 2, 2], [1, 2, 3, 4]), y: float32([1], [5]) }),
  'x.csv': new TextEncoder().encode('a,b,c,d\n1,2,3,4\n5,6,7,8\n'),
  'ids.json': new TextEncoder().encode('[[7, 8, 9]]'),
  'x.txt': new Uint8Array(3),
};
const options: PrepareOptions = {
  host: { readFile: (path) => Promise.resolve(files[path] as Uint8Array) },
  preprocessing: undefined,
};
const feedsOf = async (input: Parameters<typeof prepareInput>[0], ...inputs: InputInfo[]) =>
  (await prepareInput(input, inputs.length === 0 ? [x] : inputs, options)).feeds;

describe('values', () => {
  const expected = { x: float32([1, 2, 2], [1, 2, 3, 4]) };
  test.each([
    [
      'nested arrays',
      [
        [
          [1, 2],
          [3, 4],
        ],
      ],
    ],
    [
      'one row without batch axis',
      [
        [1, 2],
        [3, 4],
      ],
    ],
    ['a tensor, converted', float64([2, 2], [1, 2, 3, 4])],
    ['a typed array in the order of the shape', Float32Array.of(1, 2, 3, 4)],
    [
      'by name',
      {
        x: [
          [1, 2],
          [3, 4],
        ],
      },
    ],
    ['a .npy file', 'x.npy'],
    ['a .npz file of one array with any name', 'any.npz'],
    ['a file by name', { x: 'x.npy' }],
  ])('%s', async (_, input) => {
    expect(await feedsOf(input)).toEqual(expected);
  });

  test('a table: one row a line, features named by the header', async () => {
    const prepared = await prepareInput('x.csv', [x], options);
    expect(prepared.feeds).toEqual({ x: float32([2, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8]) });
    expect(prepared.featureNames).toEqual({ x: ['a', 'b', 'c', 'd'] });
  });

  test('token ids from numbers', async () => {
    expect(await feedsOf('ids.json', ids)).toEqual({ ids: int64([1, 3], [7, 8, 9]) });
    expect(await feedsOf('both.npz', x, ids)).toEqual({
      x: float32([1, 2, 2], [1, 2, 3, 4]),
      ids: int64([1, 2], [5, 6]),
    });
  });

  test('an image', async () => {
    const image = { width: 1, height: 1, data: Uint8Array.of(255) };
    const prepared = await prepareInput(image, [{ ...x, shape: ['batch', 1, 2, 2] }], options);
    expect(prepared.feeds).toEqual({ x: float32([1, 1, 2, 2], [1, 1, 1, 1]) });
    expect(prepared.images).toEqual({ x: { width: 2, height: 2, data: Uint8ClampedArray.of(255, 255, 255, 255) } });
    expect(prepared.warnings.map(({ code }) => code)).toEqual(['default-preprocessing']);
  });
});

describe('errors', () => {
  const messageOf = async (input: Parameters<typeof prepareInput>[0], ...inputs: InputInfo[]): Promise<string> =>
    feedsOf(input, ...inputs).then(
      () => 'no error',
      (error: PathwiseError) => `${error.code} ${error.message}`,
    );

  test('shapes', async () => {
    expect(await messageOf([[1, 2, 3]])).toMatchInlineSnapshot(
      `"BAD_SHAPE explain: expected shape [rows,2,2] for input "x", got [1,3]"`,
    );
    expect(await messageOf(Float32Array.of(1, 2, 3))).toMatchInlineSnapshot(
      `"BAD_SHAPE explain: expected shape [rows,2,2] for input "x", got [3]"`,
    );
    const transposed = float32([1, 3, 5], new Float32Array(15));
    expect(await messageOf(transposed, { ...x, shape: ['batch', 5, 3] })).toMatchInlineSnapshot(
      `"BAD_SHAPE explain: expected shape [rows,5,3] for input "x", got [1,3,5]. The axes are in another order: transpose it"`,
    );
  });

  test('values and names', async () => {
    expect(await messageOf([['a']] as never)).toMatchInlineSnapshot(
      `"BAD_ARGUMENT explain: expected nested arrays of numbers for input "x", got "expected a number at [0][0], got a string""`,
    );
    expect(await messageOf([[1.5]], ids)).toMatchInlineSnapshot(
      `"BAD_ARGUMENT explain: expected integers in its range for input "ids" of type int64, got 1.5"`,
    );
    expect(await messageOf({ y: [1] })).toMatchInlineSnapshot(
      `"BAD_ARGUMENT explain: expected one of x for an input name, got "y""`,
    );
    expect(await messageOf([[1]], x, ids)).toMatchInlineSnapshot(
      `"BAD_ARGUMENT the model has 2 inputs (x, ids); say which one each value is for"`,
    );
    expect(await messageOf('x.npy', x, ids)).toMatchInlineSnapshot(
      `"BAD_ARGUMENT explain: expected NAME=x.npy with NAME one of x, ids for the input, got "x.npy""`,
    );
    expect(await messageOf('other.npz', x, ids)).toMatchInlineSnapshot(
      `"BAD_ARGUMENT other.npz: expected an input (x, ids) for the name of an array, got "y""`,
    );
    expect(await messageOf('x.txt')).toMatchInlineSnapshot(
      `"BAD_FILE x.txt: a file of unknown kind. Values are read from .npy, .npz, .csv, .json, .png, .jpg, .jpeg"`,
    );
  });
});
