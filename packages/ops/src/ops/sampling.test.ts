import { describe, expect, test } from 'vitest';
import { int64, type Tensor } from '@pathwise/model';
import { evaluateOp } from '../../test/evaluate.ts';
import { pattern } from '../../test/pattern.ts';

describe('GridSample', () => {
  const image = pattern([1, 1, 4, 5], 7, 31);
  const quarters = pattern([1, 2, 3, 2], 5, 13);
  // Places up to 1.35: inside, on the edge and outside.
  const grid: Tensor = { ...quarters, data: (quarters.data as Float64Array).map((value) => 0.9 * value) };

  // torch 2.13: grid_sample in float64 (bicubic for cubic); ONNX Runtime 1.30 gives the same to float32.
  test.each([
    ['linear', 'zeros', 0, [0.0, 1.70625, 0.0, 0.63125, -0.421875, 0.41953125]],
    ['linear', 'zeros', 1, [-0.77625, 2.12, 0.02375, 0.6875, -1.6875, -0.03046875]],
    ['linear', 'border', 0, [-2.7, 3.25, -0.625, 0.63125, -2.25, 2.2375]],
    ['linear', 'reflection', 0, [-2.04375, 3.25, 0.046875, 0.63125, -2.25, 2.2375]],
    ['linear', 'reflection', 1, [-1.3625, 2.12, 1.3559375, 0.6875, -1.8125, 0.46640625]],
    ['nearest', 'zeros', 1, [0.0, 3.25, 0.0, 1.0, -1.75, 3.25]],
    ['nearest', 'border', 1, [-2.75, 3.25, 2.75, 1.0, -1.75, 3.25]],
    ['nearest', 'reflection', 1, [-1.0, 3.25, 1.75, 1.0, -1.75, 3.25]],
    [
      'cubic',
      'zeros',
      1,
      [-0.791785072266, 2.777715875, -0.217799354706, 0.994215960419, -1.9248046875, -0.047426772594],
    ],
    [
      'cubic',
      'border',
      0,
      [-2.678625, 4.268874267578, -0.711517333984, 0.578184570313, -2.287490844727, 2.390056401253],
    ],
    [
      'cubic',
      'border',
      1,
      [-2.624255859375, 2.281931375, -0.154631587982, 0.870302487976, -2.4345703125, -0.334061284065],
    ],
    [
      'cubic',
      'reflection',
      0,
      [-2.163366210938, 4.730869140625, 0.055833984375, 0.578184570313, -2.449951171875, 2.460649765015],
    ],
  ] as const)('%s, %s, align_corners %i', (mode, padding_mode, align_corners, expected) => {
    const [y] = evaluateOp('GridSample', [image, grid], { mode, padding_mode, align_corners });
    expect(y.shape).toEqual([1, 1, 2, 3]);
    expect(y.data).toBeClose(expected, { atol: 1e-11 });
  });
});

test('Col2Im', () => {
  // torch 2.13: fold((3, 4), (2, 2)).
  const [y] = evaluateOp('Col2Im', [pattern([1, 8, 6]), int64([2], [3, 4]), int64([2], [2, 2])]);
  expect(y.shape).toEqual([1, 2, 3, 4]);
  expect(y.data).toBeClose([
    -1.25, 1.5, -0.5, -1.0, 1.75, 0.5, -0.75, -0.5, 0.25, -1.0, -0.25, 0.5, -0.5, 0.25, 1.0, -0.25, 0.5, 0.75, -0.5,
    -1.75, 1.0, 0.5, -1.5, 1.25,
  ]);
});

describe('MaxUnpool', () => {
  const x: Tensor = { ...pattern([1, 1, 2]), data: Float64Array.of(7, 8) };
  const attrs = { kernel_shape: [2], strides: [2] };

  test('undoes the places of MaxPool', () => {
    expect(evaluateOp('MaxUnpool', [x, int64([1, 1, 2], [1, 2])], attrs)[0].data).toEqual(Float64Array.of(0, 7, 8, 0));
  });

  test('positions refer to the shape before the output shape cuts or fills', () => {
    const data = Float64Array.of(7, 8, 9, 1);
    const channels: Tensor = { ...pattern([1, 2, 2]), data };
    const places = int64([1, 2, 2], [1, 2, 4, 7]);
    const run = (size: number) => evaluateOp('MaxUnpool', [channels, places, int64([3], [1, 2, size])], attrs)[0].data;
    expect(run(5)).toEqual(Float64Array.of(0, 7, 8, 0, 0, 9, 0, 0, 1, 0));
    expect(run(3)).toEqual(Float64Array.of(0, 7, 8, 9, 0, 0));
  });
});
