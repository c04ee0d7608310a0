import { describe, expect, test } from 'vitest';
import { float32, int64 } from '@pathwise/model';
import { evaluateOp, gradientOp } from '../../test/evaluate.ts';

const pad = (values: number[], pads: number[], mode: string, value?: number) =>
  evaluateOp(
    'Pad',
    [float32([values.length], values), int64([2], pads), value === undefined ? null : float32([], [value])],
    { mode },
  )[0]!.data;

describe('Pad', () => {
  // numpy.pad([1, 2, 3], (before, after), mode); negative amounts crop first, as ONNX Runtime does.
  test.each([
    ['constant', [2, 1], [0, 0, 1, 2, 3, 0]],
    ['reflect', [2, 2], [3, 2, 1, 2, 3, 2, 1]],
    ['reflect', [0, 6], [1, 2, 3, 2, 1, 2, 3, 2, 1]],
    ['edge', [2, 1], [1, 1, 1, 2, 3, 3]],
    ['wrap', [2, 4], [2, 3, 1, 2, 3, 1, 2, 3, 1]],
    ['constant', [-1, 1], [2, 3, 0]],
    ['edge', [-1, 2], [2, 3, 3, 3]],
    ['reflect', [-1, 2], [2, 3, 2, 3]],
    ['constant', [-2, -1], []],
  ])('%s by %j', (mode, pads, expected) => {
    expect(pad([1, 2, 3], pads, mode)).toBeClose(expected);
  });

  test('the constant fills what is added', () => {
    expect(pad([1, 2], [1, -1], 'constant', 7)).toBeClose([7, 1]);
  });

  test('reflecting a single element repeats it', () => {
    expect(pad([4], [2, 1], 'reflect')).toBeClose([4, 4, 4, 4]);
  });

  test('cropping more than there is, or repeating nothing, is refused', () => {
    expect(() => pad([1, 2], [-3, 0], 'constant')).toThrow(/axis of size 2 cannot be padded by -3 and 0/);
    expect(() => pad([1, 2], [-2, 1], 'edge')).toThrow(/mode edge/);
  });

  // The adjoint sums over the places that show an element: [3 2 1 2 3 2 1] shows 1 at 2 and 6, 2 at 1, 3 and 5.
  test('gradient of reflect', async () => {
    const dy = float32([7], [1, 2, 4, 8, 16, 32, 64]);
    const [dx] = await gradientOp('Pad', [float32([3], [1, 2, 3]), int64([2], [2, 2])], dy, [0], { mode: 'reflect' });
    expect(dx).toBeClose([4 + 64, 2 + 8 + 32, 1 + 16]);
  });

  test('gradient of edge and of the constant', async () => {
    const dy = float32([5], [1, 2, 4, 8, 16]);
    const x = float32([2], [5, 6]);
    const [edge] = await gradientOp('Pad', [x, int64([2], [2, 1])], dy, [0], { mode: 'edge' });
    expect(edge).toBeClose([1 + 2 + 4, 8 + 16]);
    const [dx, dvalue] = await gradientOp('Pad', [x, int64([2], [2, 1]), float32([], [0])], dy, [0, 2]);
    expect(dx).toBeClose([4, 8]);
    expect(dvalue).toBeClose([1 + 2 + 16]);
  });
});
