import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isFloat, sizeOf, type Feeds, type GradientRequest, type Tensor } from '@pathwise/model';
import { uniformFrom } from '../../model/testing/uniform.ts';
import { readOnnx, type OnnxSource } from '../src/index.ts';

/** A network file of the repository or of the data beside it. */
export interface NetworkFile {
  readonly name: string;
  readonly path: string;
  readonly present: boolean;
}

const root = resolve(import.meta.dirname, '../../..');

/** All network files; a warning names each that is not there. */
export const networkFiles: readonly NetworkFile[] = Object.entries({
  models: ['fashion-mnist', 'penguins'],
  '../shared/goldens': [
    'breast-cancer-mlp',
    'digits-cnn',
    'lstm-text',
    'mini-googlenet',
    'mini-resnet',
    'transformer-text',
  ],
  '../shared/models': ['bilstm-thai-words', 'lstm-mnist-rows', 'mobilenet-v2', 'resnet-8-cifar10', 'squeezenet-1.0'],
}).flatMap(([folder, names]) =>
  names.map((name) => {
    const path = join(root, folder, name, 'model.onnx');
    const present = existsSync(path);
    if (!present) console.warn(`skipped: ${name} (no file ${path})`);
    return { name, path, present };
  }),
);

/** Length of sequences where the model leaves it open. */
const LENGTH = 12;

/**
 * Seeds with which no pre-activation lies within rounding of a kink: elsewhere one may be cut in float32 and not in
 * float64, and move a gradient by up to 1e-3.
 */
const seedOf = (name: string): number => (name === 'mobilenet-v2' ? 6 : 3);

/** The network, with one row of random numbers for each input. */
export function openNetwork({ name, path }: NetworkFile): { source: OnnxSource; feeds: Feeds } {
  const source = readOnnx(readFileSync(path), { name });
  const draw = uniformFrom(seedOf(name));
  const feeds: Record<string, Tensor> = {};
  for (const input of source.inputs) {
    const shape = input.shape.map((size, axis) =>
      axis === 0 && input.batched ? 1 : typeof size === 'number' ? size : LENGTH,
    );
    feeds[input.name] = drawn(input.dtype, shape, draw);
  }
  return { source, feeds };
}

function drawn(dtype: Tensor['dtype'], shape: readonly number[], draw: () => number): Tensor {
  const size = sizeOf(shape);
  if (isFloat(dtype)) return { dtype, shape, data: Float32Array.from({ length: size }, draw) };
  const ids = Array.from({ length: size }, () => Math.floor(5 * draw()));
  return { dtype, shape, data: dtype === 'int64' ? BigInt64Array.from(ids, BigInt) : Int32Array.from(ids) };
}

/** Asks for the gradient of the first element of the output by one tensor. */
export function firstGradient(feeds: Feeds, output: string, { data }: Tensor, by: string): GradientRequest {
  const weights = new Float64Array(data.length);
  weights[0] = 1;
  return { feeds, objective: { tensor: output, rows: [{ kind: 'linear', weights }] }, wrt: [by] };
}
