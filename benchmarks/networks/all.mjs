import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { readOnnx } from '@pathwise/onnx';
import { googlenet } from './googlenet.mjs';
import { lstm } from './lstm.mjs';
import { mlp } from './mlp.mjs';
import { resnet } from './resnet.mjs';
import { transformer } from './transformer.mjs';

export { inputOf } from './input-of.mjs';

/** Networks of the benchmarks, as graphs of one row with input and output as the graph names them. */
export const networks = {
  googlenet: () => googlenet(),
  'resnet-18': () => resnet(),
  'mobilenet-v2': () => fileNetwork('mobilenet-v2'),
  'squeezenet-1.0': () => fileNetwork('squeezenet-1.0'),
  mlp: () => mlp(),
  lstm: () => lstm(),
  transformer: () => transformer(),
};

/** The same architectures, so small that a gradient can be checked by finite differences. */
export const smallNetworks = {
  googlenet: () => googlenet({ size: 32, width: 1 / 16, classes: 5 }),
  'resnet-10': () => resnet({ depth: 10, size: 32, width: 1 / 16, classes: 5 }),
  'resnet-18': () => resnet({ size: 32, width: 1 / 16, classes: 5 }),
  'resnet-34': () => resnet({ depth: 34, size: 32, width: 1 / 16, classes: 5 }),
  mlp: () => mlp({ sizes: [20, 16, 16, 5] }),
  lstm: () => lstm({ steps: 6, features: 5, hidden: 7, classes: 4 }),
  transformer: () => transformer({ blocks: 2, width: 8, heads: 2, tokens: 5, classes: 4 }),
};

/** A trained network of the data beside the repository; null where they are absent. */
function fileNetwork(name) {
  const path = resolve(import.meta.dirname, '../../../shared/models', name, 'model.onnx');
  if (!existsSync(path)) return null;
  const source = readOnnx(readFileSync(path), { name });
  const [input] = source.inputs;
  return source.graph({ [input.name]: input.shape.map((size, axis) => (axis === 0 ? 1 : size)) });
}
