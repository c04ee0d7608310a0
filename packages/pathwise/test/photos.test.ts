import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { InputInfo } from '@pathwise/model';
import { sharedData } from '../../model/testing/shared-data.ts';
import { readImage } from '../src/files/image.ts';
import { readNpy } from '../src/files/npy.ts';
import { preprocess } from '../src/preprocess/preprocess.ts';
import type { Preprocessing } from '../src/preprocess/recipe.ts';

// Photographs squared to the models' sizes and the tensors that their training code makes of them; the recipes are
// those of the models' own documentation.
const { path: photos, present } = sharedData('models/photos');

const MODELS: Record<string, { size: number; recipe: Preprocessing; atol: number }> = {
  'squeezenet-1.0': { size: 227, recipe: { channels: 'bgr', mean: [104, 117, 123] }, atol: 0 },
  'mobilenet-v2': { size: 224, recipe: { scale: 1 / 128, mean: [1] }, atol: 1e-7 },
  'resnet-8-cifar10': { size: 32, recipe: {}, atol: 0 },
};

describe.skipIf(!present).each(['chelsea', 'coffee', 'rocket'])('%s', (photo) => {
  test.each(Object.entries(MODELS))('%s', (model, { size, recipe, atol }) => {
    const read = (name: string): Uint8Array => new Uint8Array(readFileSync(join(photos, name)));
    const expected = readNpy(read(`${photo}.${model}.npy`), model);
    const input: InputInfo = {
      name: 'input',
      dtype: 'float32',
      shape: ['batch', 3, size, size],
      batched: true,
      attributedAt: 'input',
    };
    const { tensor } = preprocess(readImage(read(`${photo}-${size}.png`), photo), input, recipe);
    expect(tensor.shape).toEqual(expected.shape.length === 4 ? expected.shape : [1, ...expected.shape]);
    expect(tensor.data).toBeClose(expected.data, { atol, rtol: 0 });
  });
});

// The same picture as JPEG and as PNG of another decoder differ by rounding only.
test.skipIf(!present)('JPEG: the rocket, reduced to 227 x 227, is near its PNG copy', () => {
  const input: InputInfo = {
    name: 'input',
    dtype: 'float32',
    shape: ['batch', 3, 32, 32],
    batched: true,
    attributedAt: 'input',
  };
  const { width, height } = readImage(new Uint8Array(readFileSync(join(photos, 'rocket.jpg'))), 'rocket.jpg');
  expect([width, height]).toEqual([512, 342]);
  const mean = (name: string): number => {
    const { data } = preprocess(readImage(new Uint8Array(readFileSync(join(photos, name))), name), input, {
      resize: 'crop',
    }).tensor;
    return (data as Float32Array).reduce((a, b) => a + b, 0) / data.length;
  };
  expect(Math.abs(mean('rocket.jpg') - mean('rocket-227.png'))).toBeLessThan(4);
});
