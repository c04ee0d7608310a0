import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { isFloat, sizeOf, toFloat64, type Feeds, type GradientRequest, type Tensor } from '@pathwise/model';
import { readOnnx } from '@pathwise/onnx';
import { graphModel, referenceEngine } from '@pathwise/ops';
import { uniformFrom } from '../../model/testing/uniform.ts';
import { wasmEngine } from '../src/index.ts';
import { ensureCore } from '../tools/build.mjs';

beforeAll(ensureCore, 120_000);

const root = resolve(import.meta.dirname, '../../..');

const goldens = ['breast-cancer-mlp', 'digits-cnn', 'lstm-text', 'mini-googlenet', 'mini-resnet', 'transformer-text'];
const networks = ['bilstm-thai-words', 'lstm-mnist-rows', 'mobilenet-v2', 'resnet-8-cifar10', 'squeezenet-1.0'];
const paths = [
  ...['fashion-mnist', 'penguins'].map((name) => join(root, 'models', name, 'model.onnx')),
  ...goldens.map((name) => join(root, '../shared/goldens', name, 'model.onnx')),
  ...networks.map((name) => join(root, '../shared/models', name, 'model.onnx')),
];

/** Length of sequences where the model leaves it open. */
const LENGTH = 12;

/**
 * Seeds with which no pre-activation lies within rounding of a kink. Elsewhere one may be cut in float32 and not in
 * float64: of MobileNetV2's 6,105,792 one to three are so with seeds 3, 4 and 5, and move its gradient by up to 1e-3.
 */
const seedOf = (name: string): number => (name === 'mobilenet-v2' ? 6 : 3);

describe('outputs and gradients of real networks agree with float64 to 1e-5 of the largest value', () => {
  for (const path of paths) {
    const name = path.split(/[\\/]/u).at(-2) as string;
    if (!existsSync(path)) console.warn(`skipped: ${name} (no file ${path})`);
    test.skipIf(!existsSync(path))(name, { timeout: 120_000 }, async () => {
      const source = readOnnx(readFileSync(path), { name });
      const [ours, reference] = [graphModel(source, wasmEngine), graphModel(source, referenceEngine)];
      const draw = uniformFrom(seedOf(name));
      const feeds: Record<string, Tensor> = {};
      for (const input of source.inputs) {
        const shape = input.shape.map((size, axis) =>
          axis === 0 && input.batched ? 1 : typeof size === 'number' ? size : LENGTH,
        );
        feeds[input.name] = drawn(input.dtype, shape, draw);
      }
      const output = source.outputs[0]!.name;
      const expected = (await reference.forward(feeds, [output]))[output]!;
      const actual = (await ours.forward(feeds, [output]))[output]!;
      expect(toFloat64(actual.data)).toBeClose(toFloat64(expected.data), { scale: 1e-5 });

      const [a, b] = await Promise.all(
        [ours, reference].map((model) =>
          model.gradient(request(feeds, output, expected, ours.inputs[0]!.attributedAt!)),
        ),
      );
      for (const [tensor, gradient] of Object.entries(b!.gradients)) {
        expect(toFloat64(a!.gradients[tensor]!.data)).toBeClose(toFloat64(gradient.data), { scale: 1e-5 });
        expect(toFloat64(gradient.data).some((value) => value !== 0)).toBe(true);
      }
    });
  }
});

function drawn(dtype: Tensor['dtype'], shape: readonly number[], draw: () => number): Tensor {
  const size = sizeOf(shape);
  if (isFloat(dtype)) return { dtype, shape, data: Float32Array.from({ length: size }, draw) };
  const ids = Array.from({ length: size }, () => Math.floor(5 * draw()));
  return { dtype, shape, data: dtype === 'int64' ? BigInt64Array.from(ids, BigInt) : Int32Array.from(ids) };
}

/** The gradient of the first element of the output by one tensor. */
function request(feeds: Feeds, output: string, { data }: Tensor, by: string): GradientRequest {
  const weights = new Float64Array(data.length);
  weights[0] = 1;
  return { feeds, objective: { tensor: output, rows: [{ kind: 'linear', weights }] }, wrt: [by] };
}
