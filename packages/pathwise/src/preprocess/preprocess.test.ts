import { describe, expect, test } from 'vitest';
import type { InputInfo } from '@pathwise/model';
import { preprocess } from './preprocess.ts';
import { preprocessingOfJson, resolvePreprocessing } from './recipe.ts';

const input = (...shape: (number | string)[]): InputInfo => ({
  name: 'x',
  dtype: 'float32',
  shape: ['batch', ...shape],
  batched: true,
  attributedAt: 'x',
});
/** Two pixels side by side: red (200, 100, 50) and (0, 255, 10). */
const image = { width: 2, height: 1, data: Uint8Array.of(200, 100, 50, 0, 255, 10) };

describe('layout and channels', () => {
  test.each([
    ['rgb', 'nchw', [3, 1, 2], [200, 0, 100, 255, 50, 10]],
    ['bgr', 'nchw', [3, 1, 2], [50, 10, 100, 255, 200, 0]],
    ['rgb', 'nhwc', [1, 2, 3], [200, 100, 50, 0, 255, 10]],
    ['bgr', 'nhwc', [1, 2, 3], [50, 100, 200, 10, 255, 0]],
    // ITU-R BT.601 luma: 0.299 R + 0.587 G + 0.114 B.
    ['gray', 'nchw', [1, 1, 2], [124.2, 150.825]],
    ['gray', 'nhwc', [1, 2, 1], [124.2, 150.825]],
  ] as const)('%s %s', (channels, layout, shape, expected) => {
    const { tensor } = preprocess(image, input(...shape), { channels, layout });
    expect(tensor.shape).toEqual([1, ...shape]);
    expect(tensor.data).toBeClose(Float32Array.from(expected), { rtol: 1e-7 });
  });

  test('the layout is read off the shape', () => {
    expect(preprocess(image, input(2, 2, 3), {}).layout).toBe('nhwc');
    expect(preprocess(image, input(3, 1, 2), {}).layout).toBe('nchw');
    expect(preprocess(image, input(3, 'height', 'width'), {}).tensor.shape).toEqual([1, 3, 1, 2]);
  });

  test('an input without channel axis is grey', () => {
    expect(preprocess(image, input(1, 2), {}).tensor.shape).toEqual([1, 1, 2]);
  });

  test('grey images fill three channels', () => {
    const grey = { width: 1, height: 1, data: Uint8Array.of(9) };
    expect([...preprocess(grey, input(3, 1, 1), {}).tensor.data]).toEqual([9, 9, 9]);
  });

  test('transparency is left out', () => {
    const transparent = { width: 1, height: 1, data: Uint8Array.of(1, 2, 3, 0) };
    expect([...preprocess(transparent, input(3, 1, 1), {}).tensor.data]).toEqual([1, 2, 3]);
  });
});

describe('scale, mean, std', () => {
  // y = (x * scale - mean) / std; x = 255 for each channel.
  test.each([
    ['imagenet', [(1 - 0.485) / 0.229, (1 - 0.456) / 0.224, (1 - 0.406) / 0.225]],
    ['unit', [1, 1, 1]],
    ['signed', [1, 1, 1]],
    ['raw', [255, 255, 255]],
  ] as const)('%s', (name, expected) => {
    const white = { width: 1, height: 1, data: Uint8Array.of(255, 255, 255) };
    const { tensor, warnings } = preprocess(white, input(3, 1, 1), resolvePreprocessing(name));
    expect(tensor.data).toBeClose(Float32Array.from(expected), { rtol: 1e-6 });
    expect(warnings).toEqual([]);
  });

  test('mean and std follow the order of the channels', () => {
    const { tensor } = preprocess(image, input(3, 1, 2), { channels: 'bgr', mean: [10, 20, 30], std: [1, 2, 4] });
    expect([...tensor.data]).toEqual([40, 0, 40, 117.5, 42.5, -7.5]);
  });

  test('nothing said: divided by 255, with a warning', () => {
    const { tensor, warnings } = preprocess(image, input(3, 1, 2));
    expect(tensor.data[0]).toBe(Math.fround(200 / 255));
    expect(warnings.map(({ code }) => code)).toEqual(['default-preprocessing']);
  });
});

describe('errors', () => {
  test('sizes and channels that do not fit the model', () => {
    expect(() => preprocess(image, input(3, 1, 2), { channels: 'gray' })).toThrowErrorMatchingInlineSnapshot(
      `[PathwiseError: preprocess: expected shape with 1 channel for input "x", got [batch,3,1,2]. Say "layout" and "channels" in a preprocessing file]`,
    );
    expect(() => preprocess(image, input(4, 1, 2), {})).toThrowErrorMatchingInlineSnapshot(
      `[PathwiseError: preprocess: expected shape with 3 channels for input "x", got [batch,4,1,2]. Say "layout" and "channels" in a preprocessing file]`,
    );
    expect(() => preprocess(image, input(9), {})).toThrowErrorMatchingInlineSnapshot(
      `[PathwiseError: preprocess: expected shape [batch,channels,height,width] for input "x" of an image, got [batch,9]. Give a .npy]`,
    );
    expect(() => preprocess(image, input(3, 1, 2), { width: 5 })).toThrowErrorMatchingInlineSnapshot(
      `[PathwiseError: preprocess: expected shape of width 5 for input "x", got [batch,3,1,2]. Leave "width" out]`,
    );
    expect(() =>
      preprocess(image, input(1, 1, 2), resolvePreprocessing('imagenet')),
    ).toThrowErrorMatchingInlineSnapshot(
      `[PathwiseError: preprocess: expected shape [1] or [1] for "mean" for input "x", got [3]]`,
    );
  });

  test('recipes', () => {
    expect(() => resolvePreprocessing('caffe' as 'raw')).toThrowErrorMatchingInlineSnapshot(
      `[PathwiseError: preprocess: expected imagenet, unit, signed, raw for the name, got "caffe"]`,
    );
    expect(() => preprocessingOfJson({ widht: 3 }, 'p.json')).toThrowErrorMatchingInlineSnapshot(
      `[PathwiseError: p.json: preprocessing: expected width, height, resize, layout, channels, scale, mean or std for a key, got "widht"]`,
    );
    expect(() => preprocessingOfJson({ std: [0] }, 'p.json')).toThrowErrorMatchingInlineSnapshot(
      `[PathwiseError: p.json: preprocessing: expected a list of 1 to 3 numbers other than 0 for "std", got [0]]`,
    );
    expect(() => preprocessingOfJson({ resize: 'pad' }, 'p.json')).toThrowErrorMatchingInlineSnapshot(
      `[PathwiseError: p.json: preprocessing: expected stretch or crop for "resize", got "pad"]`,
    );
    expect(() => preprocessingOfJson([], 'p.json')).toThrowErrorMatchingInlineSnapshot(
      `[PathwiseError: p.json: preprocessing: expected an object for the recipe, got []]`,
    );
    expect(preprocessingOfJson({ width: 3, mean: [1] }, 'p.json')).toEqual({ width: 3, mean: [1] });
  });
});
