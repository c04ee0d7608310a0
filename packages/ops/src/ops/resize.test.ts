import { describe, expect, test } from 'vitest';
import { float32, int64 } from '@pathwise/model';
import { evaluateOp } from '../../test/evaluate.ts';
import { pattern } from '../../test/pattern.ts';

const image = pattern([1, 1, 4, 5], 7, 31);

// torch 2.13: interpolate in float64. Its antialiased cubic has a = -0.5; both leave out what is outside.
const CASES = [
  [
    'cubic',
    [3, 7],
    { mode: 'cubic' },
    [
      -3.761597694633, -2.792209939531, -1.297311980348, -0.123842592593, 1.171230496167, 2.07756654249, 2.314089326207,
      -2.387755102041, -1.418367346939, 0.044756741983, 1.25, 3.964502095481, 0.857484511662, -4.313251639942,
      -1.013912509448, -0.044524754346, 1.740653007235, 2.623842592593, -0.967460992333, -2.509151279559,
      -1.57595697009,
    ],
  ],
  [
    'cubic, antialias',
    [2, 3],
    { mode: 'cubic', antialias: 1, cubic_coeff_a: -0.5, exclude_outside: 1 },
    [-2.552860775588, 0.563929463771, 0.893531468531, -0.608169103624, 1.586032096867, -1.241242848061],
  ],
  [
    'linear, antialias',
    [2, 3],
    { mode: 'linear', antialias: 1, exclude_outside: 1 },
    [-2.285714285714, 0.464285714286, 0.683673469388, -0.714285714286, 1.297619047619, -1.066326530612],
  ],
  [
    'linear, corners aligned',
    [3, 7],
    { mode: 'linear', coordinate_transformation_mode: 'align_corners' },
    [
      -3.75, -2.583333333333, -1.416666666667, -0.25, 0.916666666667, 2.083333333333, 3.25, -2.25, -1.083333333333,
      0.083333333333, 1.25, 2.416666666667, 1.0, -3.0, -0.75, 0.416666666667, 1.583333333333, 2.75, -1.25,
      -2.666666666667, -1.5,
    ],
  ],
  [
    'nearest',
    [2, 7],
    { nearest_mode: 'round_prefer_ceil' },
    [-2.75, -1.0, -1.0, 0.75, 2.5, 2.5, -3.5, -0.75, 1.0, 1.0, 2.75, -3.25, -3.25, -1.5],
  ],
] as const;

describe('Resize', () => {
  test.each(CASES)('%s', (_name, [height, width], attrs, expected) => {
    const [y] = evaluateOp('Resize', [image, null, null, int64([4], [1, 1, height, width])], attrs);
    expect(y.shape).toEqual([1, 1, height, width]);
    expect(y.data).toBeClose(expected, { atol: 1e-11 });
  });

  test('linear along three axes', () => {
    const [y] = evaluateOp('Resize', [pattern([1, 1, 2, 2, 3]), null, null, int64([3], [3, 2, 4])], {
      mode: 'linear',
      axes: [2, 3, 4],
    });
    expect(y.data).toBeClose([
      -1.25, -0.15625, 0.125, -0.5, 1.25, 0.625, -0.125, -0.75, -0.125, 0.109375, -0.125, -0.75, 1.0, 0.375, -0.375,
      -1.0, 1.0, 0.375, -0.375, -1.0, 0.75, 0.125, -0.625, -1.25,
    ]);
  });

  test('scales are float32: 10 times 0.7 is 7', () => {
    expect(evaluateOp('Resize', [pattern([10]), null, float32([1], [0.7])])[0].shape).toEqual([7]);
  });

  test('extrapolation outside of the region', () => {
    // Region [0, 2] of [1, 3], three outputs: places 0, 1 and 2; the last is outside.
    const x = { ...pattern([2]), data: Float64Array.of(1, 3) };
    const [y] = evaluateOp('Resize', [x, float32([2], [0, 2]), null, int64([1], [3])], {
      mode: 'linear',
      coordinate_transformation_mode: 'tf_crop_and_resize',
      extrapolation_value: 10,
    });
    expect(Array.from(y.data)).toEqual([1, 3, 10]);
  });

  test.each([
    // Into [7, 8] from [3, 4]: ratios 7/3 and 2.
    ['not_larger', [6, 8]],
    ['not_smaller', [7, 9]],
    ['stretch', [7, 8]],
  ])('aspect ratio: %s', (keep_aspect_ratio_policy, expected) => {
    const sizes = int64([2], [7, 8]);
    expect(evaluateOp('Resize', [pattern([3, 4]), null, null, sizes], { keep_aspect_ratio_policy })[0].shape).toEqual(
      expected,
    );
  });

  test('scales and sizes exclude each other', () => {
    expect(() => evaluateOp('Resize', [pattern([3])])).toThrow(
      'expected one of them with 1 numbers for scales or sizes',
    );
  });
});
