import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { float32, type Tensor } from '@pathwise/model';
import { graphModel, referenceEngine } from '@pathwise/ops';
import { uniformFrom } from '../../model/testing/uniform.ts';
import { readTfjs, runLiveModel } from '../src/index.ts';
import { layers, tf } from './tfjs.ts';

// Backends are set for a whole process: these tests have a file, and so a thread, of their own.
beforeAll(async () => {
  setWasmPaths(`${dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm'))}/`);
  await tf.setBackend('wasm');
});

const image = (): Tensor => {
  const next = uniformFrom(4);
  return float32(
    [2, 6, 6, 2],
    Array.from({ length: 144 }, () => 2 * next() - 1),
  );
};

type Config = Parameters<typeof layers.layers.conv2d>[0];
const conv = (more: Partial<Config> = {}): layers.layers.Layer =>
  layers.layers.conv2d({ filters: 3, kernelSize: 3, activation: 'relu', ...more } as Config);
const input = { inputShape: [6, 6, 2] };

async function explain(...middle: layers.layers.Layer[]): Promise<unknown> {
  const live = layers.sequential({ layers: [...middle, layers.layers.flatten(), layers.layers.dense({ units: 2 })] });
  const model = await runLiveModel(live as never, { tf });
  const [from, to] = [model.inputs[0]!.name, model.outputs[0]!.name];
  const request = {
    feeds: { [from]: image() },
    objective: { tensor: to, rows: [{ kind: 'linear' as const, weights: Float64Array.of(1, -1) }] },
    wrt: [from],
  };
  const ours = await graphModel(await readTfjs(live as never), referenceEngine).gradient(request);
  const before = tf.memory().numTensors;
  const theirs = await model.gradient(request);
  expect(theirs.gradients[from]?.data).toBeClose(ours.gradients[from]!.data as Float64Array, { scale: 1e-4 });
  expect(tf.memory().numTensors).toBe(before);
  expect(tf.getBackend()).toBe('wasm');
  return 'the same gradient';
}

const pool = (): layers.layers.Layer => layers.layers.maxPooling2d({ poolSize: 2 });

describe('on the wasm backend', () => {
  test('what it can do is done', async () => {
    expect(await explain(conv(input), pool())).toBe('the same gradient');
  });

  // TensorFlow.js 4.22; the numbers behind these refusals are in its kernels: a search for the maximum from 1.2e-38 up,
  // and a convolution that reads nothing.
  test.each<[string, () => layers.layers.Layer[], string]>([
    [
      'pooling of negative maxima',
      () => [conv({ ...input, activation: 'linear' }), pool()],
      'kernel MaxPool: on the wasm backend its gradient is lost',
    ],
    ['pooling of the input', () => [layers.layers.maxPooling2d({ poolSize: 2, ...input })], 'kernel MaxPool'],
    [
      'flat kernels with stride 2',
      () => [conv({ ...input, kernelSize: [1, 3], strides: 2, padding: 'same' })],
      'kernels of one row or column',
    ],
    [
      'average pooling with padding',
      () => [layers.layers.averagePooling2d({ poolSize: 2, strides: 1, padding: 'same', ...input })],
      "padding 'same'",
    ],
    [
      'a kernel that is missing',
      () => [layers.layers.depthwiseConv2d({ kernelSize: 3, ...input })],
      "Kernel 'DepthwiseConv2dNativeBackpropInput' not registered",
    ],
  ])('%s is refused', async (_, middle, message) => {
    await expect(explain(...middle())).rejects.toMatchObject({
      code: 'UNSUPPORTED_OP',
      message: expect.stringContaining(message),
    });
  });

  // Were the table wrong or kernels mended, these would show it: they are refused for good reason.
  test('what is refused by name is wrong', () => {
    const x = tf.tensor([-4, -3, -2, -1], [1, 2, 2, 1]);
    const gradient = tf.grad((v) => tf.sum(tf.maxPool(v as typeof x as never, 2, 2, 'valid')))(x);
    expect([...gradient.dataSync()]).not.toEqual([0, 0, 0, 1]);
  });
});
