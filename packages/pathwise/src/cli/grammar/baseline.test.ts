import { beforeAll, describe, expect, test } from 'vitest';
import { float32, float64, int64, type InputInfo, type Tensor } from '@pathwise/model';
import { graphBuilder } from '@pathwise/ops';
import { explainer, type Explainer } from '../../explainer.ts';
import { asIds, parseBaselines } from './baseline.ts';

async function withInputs(...names: string[]): Promise<Explainer> {
  const b = graphBuilder();
  const inputs = names.map((name) => b.input(name, [1, 2]));
  return explainer(b.build([inputs.reduce((sum, input) => b.add(sum, input), b.scalar(1))]));
}

const read: [string, string][] = [];
const tensor = float32([1, 2], [1, 2]);
const readTensor = (path: string, { name }: InputInfo): Promise<Tensor> => {
  read.push([path, name]);
  return Promise.resolve(tensor);
};

describe('one input', () => {
  let one: Explainer;
  beforeAll(async () => {
    one = await withInputs('x');
  });
  test.each([
    [[], undefined],
    [['zeros'], 'zeros'],
    [['-0.5'], -0.5],
    [['mean'], 'mean'],
    [['max-distance'], 'max-distance'],
    [['blur:2.5'], 'blur:2.5'],
    [['uniform:10'], 'uniform:10'],
    [['gaussian:3'], 'gaussian:3'],
    [['b.npy'], tensor],
    [['set:b.npy'], { set: tensor }],
    [['x=1'], { perInput: { x: 1 } }],
  ])('%j', async (texts, expected) => {
    expect(await parseBaselines(texts, one, readTensor)).toEqual(expected);
  });

  test.each([['zero'], ['blur:much'], ['blurr:2'], [''], ['x=zero']])('not "%s"', async (text) => {
    await expect(parseBaselines([text], one, readTensor)).rejects.toMatchObject({ code: 'BAD_ARGUMENT' });
  });

  test('twice', async () => {
    await expect(parseBaselines(['0', '1'], one, readTensor)).rejects.toMatchObject({ code: 'BAD_ARGUMENT' });
    await expect(parseBaselines(['x=0', 'x=1'], one, readTensor)).rejects.toMatchObject({ code: 'BAD_ARGUMENT' });
  });
});

describe('two inputs', () => {
  test('each by name, the rest by what has no name', async () => {
    const two = await withInputs('x', 'y');
    expect(await parseBaselines(['x=1', 'y=mean'], two, readTensor)).toEqual({ perInput: { x: 1, y: 'mean' } });
    expect(await parseBaselines(['2', 'x=1'], two, readTensor)).toEqual({ perInput: { x: 1, y: 2 } });
    expect(await parseBaselines(['2'], two, readTensor)).toBe(2);
  });

  test('a file is read for each input', async () => {
    const two = await withInputs('x', 'y');
    read.length = 0;
    expect(await parseBaselines(['b.npz'], two, readTensor)).toEqual({ perInput: { x: tensor, y: tensor } });
    expect(read).toEqual([
      ['b.npz', 'x'],
      ['b.npz', 'y'],
    ]);
  });
});

test('whole numbers of text files are ids where the model takes ids', () => {
  const ids: InputInfo = { name: 'ids', dtype: 'int64', shape: ['batch', 'n'], batched: true, attributedAt: 'e' };
  expect(asIds(float64([1, 2], [3, 4]), ids)).toEqual(int64([1, 2], [3, 4]));
  const halves = float64([1, 2], [3, 4.5]);
  expect(asIds(halves, ids)).toBe(halves);
  // One axis more: the embeddings themselves.
  const embedded = float64([1, 1, 2], [3, 4]);
  expect(asIds(embedded, ids)).toBe(embedded);
  const x = float64([1, 2], [3, 4]);
  expect(asIds(x, { ...ids, dtype: 'float32' })).toBe(x);
});
