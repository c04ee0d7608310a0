import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { rowsOf, type Target, type Tensor } from '@pathwise/model';
import { sharedData } from '../../../model/testing/shared-data.ts';
import { readNpy } from '../../src/index.ts';

export type Family = 'dense' | 'convolutional' | 'recurrent' | 'transformer';

/** A trained or random network beside the repository. */
export interface Network {
  readonly folder: string;
  readonly family: Family;
  /** File of the value of each input, in their order, relative to the network's folder. */
  readonly inputs: readonly string[];
  readonly target?: Target;
  /** Of many millions of multiplications a row: the reference engine takes seconds for one. */
  readonly large?: true;
}

/** Every model of the goldens, the trained models and the TensorFlow.js models. */
export const networks: readonly Network[] = [
  { folder: 'goldens/breast-cancer-mlp', family: 'dense', inputs: ['x.npy'] },
  { folder: 'goldens/digits-cnn', family: 'convolutional', inputs: ['x.npy'] },
  { folder: 'goldens/mini-googlenet', family: 'convolutional', inputs: ['x.npy'] },
  { folder: 'goldens/mini-resnet', family: 'convolutional', inputs: ['x.npy'] },
  { folder: 'goldens/lstm-text', family: 'recurrent', inputs: ['ids.npy'] },
  { folder: 'goldens/transformer-text', family: 'transformer', inputs: ['ids.npy'] },
  {
    folder: 'models/resnet-8-cifar10',
    family: 'convolutional',
    inputs: ['../photos/chelsea.resnet-8-cifar10.npy'],
  },
  { folder: 'models/lstm-mnist-rows', family: 'recurrent', inputs: ['digits.npy'] },
  {
    folder: 'models/bilstm-thai-words',
    family: 'recurrent',
    inputs: ['sentence-0.npy'],
    target: { index: [3, 0] },
  },
  {
    folder: 'models/squeezenet-1.0',
    family: 'convolutional',
    inputs: ['../photos/chelsea.squeezenet-1.0.npy'],
    large: true,
  },
  {
    folder: 'models/mobilenet-v2',
    family: 'convolutional',
    inputs: ['../photos/chelsea.mobilenet-v2.npy'],
    large: true,
  },
  { folder: 'tfjs-models/graph-cnn', family: 'convolutional', inputs: ['input.npy'] },
  { folder: 'tfjs-models/graph-mobilenet-block', family: 'convolutional', inputs: ['input.npy'] },
  { folder: 'tfjs-models/graph-quantized', family: 'convolutional', inputs: ['input.npy'] },
  { folder: 'tfjs-models/layers-cnn', family: 'convolutional', inputs: ['input.npy'] },
  {
    folder: 'tfjs-models/layers-functional',
    family: 'convolutional',
    inputs: ['input.npy', 'input_meta.npy'],
  },
  { folder: 'tfjs-models/layers-gru', family: 'recurrent', inputs: ['input.npy'] },
  { folder: 'tfjs-models/layers-keras3-gru', family: 'recurrent', inputs: ['input.npy'] },
];

const { path: shared, present } = sharedData('.');
export { present };

/** The folders of all models that lie there, whether the list knows them or not. */
export function foldersThere(): string[] {
  return ['goldens', 'models', 'tfjs-models'].flatMap((group) =>
    readdirSync(join(shared, group)).flatMap((name) => {
      const isModel = fileOf(join(shared, group, name)) !== undefined;
      return isModel ? [`${group}/${name}`] : [];
    }),
  );
}

function fileOf(folder: string): string | undefined {
  try {
    return readdirSync(folder).find((file) => file === 'model.onnx' || file === 'model.json');
  } catch {
    return undefined; // a file, not a folder
  }
}

/** Path of a network's file. */
export function modelPath({ folder }: Network): string {
  const path = join(shared, folder);
  return join(path, fileOf(path) ?? 'model.onnx');
}

/** The first row of every input, by its name. */
export function firstRow({ folder, inputs }: Network, names: readonly string[]): Record<string, Tensor> {
  return Object.fromEntries(
    inputs.map((file, i) => {
      const path = join(shared, folder, file);
      return [names[i] as string, rowsOf(readNpy(new Uint8Array(readFileSync(path)), path), 0, 1)];
    }),
  );
}
