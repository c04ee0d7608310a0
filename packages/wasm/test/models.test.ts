import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { isFloat, sizeOf, toFloat64, type Feeds, type GradientRequest, type Tensor } from '@pathwise/model';
import { readOnnx } from '@pathwise/onnx';
import { graphModel, referenceEngine } from '@pathwise/ops';
import { uniformFrom } from '../../model/testing/uniform.ts';
import { wasmEngine } from '../src/index.ts';
import { ensureCore } from '../tools/build.mjs';
import { onPatternOf } from './on-pattern-of.ts';

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

describe("real networks: values are those of float64, gradients those of float64 on float32's activation pattern, to 1e-5", () => {
  for (const path of paths) {
    const name = path.split(/[\\/]/u).at(-2) as string;
    if (!existsSync(path)) console.warn(`skipped: ${name} (no file ${path})`);
    test.skipIf(!existsSync(path))(name, { timeout: 120_000 }, async () => {
      const source = readOnnx(readFileSync(path), { name });
      const ours = graphModel(source, wasmEngine);
      const draw = uniformFrom(3);
      const feeds: Record<string, Tensor> = {};
      for (const input of source.inputs) {
        const shape = input.shape.map((size, axis) =>
          axis === 0 && input.batched ? 1 : typeof size === 'number' ? size : LENGTH,
        );
        feeds[input.name] = drawn(input.dtype, shape, draw);
      }
      const shapes = Object.fromEntries(Object.entries(feeds).map(([input, { shape }]) => [input, shape]));
      const graph = source.graph(shapes);
      const output = source.outputs[0]!.name;
      const actual = (await ours.forward(feeds, [output]))[output]!;
      const expected = (await graphModel(source, referenceEngine).forward(feeds, [output]))[output]!;
      expect(toFloat64(actual.data)).toBeClose(toFloat64(expected.data), { scale: 1e-5 });

      // Where a unit is within rounding of its kink, float32 may see it on the other side.
      const [by] = ours.inputs.flatMap(({ attributedAt }) => attributedAt ?? []);
      const asked = request(feeds, output, expected, by!);
      const [a, b] = await Promise.all([ours, onPatternOf(ours, graph)].map((model) => model.gradient(asked)));
      const gradient = toFloat64(b!.gradients[by!]!.data);
      expect(toFloat64(a!.gradients[by!]!.data)).toBeClose(gradient, { scale: 1e-5 });
      expect(gradient.some((value) => value !== 0)).toBe(true);
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
