import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Graph } from '@pathwise/graph';
import { sharedData } from '../../model/testing/shared-data.ts';
import { readTfjs } from '../src/index.ts';
import { folder } from './folder.ts';
import { layers as L } from './tfjs.ts';

const transposed = ({ nodes }: Graph): string[] =>
  nodes.filter(({ op }) => op === 'Transpose').map(({ inputs: [input] }) => input as string);

// What may stand between two convolutions of a network keeps their order of axes.
test('a convolutional part has no Transpose but at its beginning and its end', async () => {
  const k = L.layers;
  const input = L.input({ shape: [12, 10, 3], name: 'image' });
  type Value = typeof input;
  const conv = (x: Value, filters: number, strides = 1): Value => {
    const y = k.conv2d({ filters, kernelSize: 3, strides, padding: 'same', useBias: false }).apply(x);
    return k.reLU({ maxValue: 6 }).apply(k.batchNormalization({}).apply(y)) as Value;
  };
  const stem = conv(input, 8, 2);
  const depthwise = k.depthwiseConv2d({ kernelSize: 3, padding: 'same' }).apply(stem) as Value;
  const residual = k.add().apply([stem, k.prelu({ sharedAxes: [1, 2] }).apply(depthwise) as Value]) as Value;
  const separable = k
    .separableConv2d({ filters: 8, kernelSize: 3, padding: 'same', activation: 'elu' })
    .apply(residual) as Value;
  const joined = k.concatenate({}).apply([separable, k.dropout({ rate: 0.5 }).apply(residual) as Value]) as Value;
  const pooled = k.maxPooling2d({ poolSize: 2 }).apply(joined) as Value;
  const gates = k
    .dense({ units: 16, activation: 'sigmoid' })
    .apply(k.globalAveragePooling2d({}).apply(pooled)) as Value;
  const excited = k.multiply().apply([pooled, k.reshape({ targetShape: [1, 1, 16] }).apply(gates) as Value]) as Value;
  const normalized = k.layerNormalization({}).apply(k.dense({ units: 4 }).apply(excited)) as Value;
  const grown = k.upSampling2d({ size: [2, 2] }).apply(k.zeroPadding2d({ padding: 1 }).apply(normalized)) as Value;
  const shrunk = k.averagePooling2d({ poolSize: 2 }).apply(k.cropping2D({ cropping: 1 }).apply(grown)) as Value;
  const attention = k
    .activation({ activation: 'softmax' })
    .apply(k.conv2dTranspose({ filters: 3, kernelSize: 2 }).apply(shrunk)) as Value;
  const output = k.dense({ units: 2, name: 'head' }).apply(k.flatten({ name: 'flat' }).apply(attention)) as Value;
  const graph = (await readTfjs(L.model({ inputs: input, outputs: output }))).graph({});
  const last = graph.nodes.find(({ op }) => op === 'Softmax')!.outputs[0]!;
  expect(transposed(graph)).toEqual(['image', last]);
});

const { path: models, present } = sharedData('tfjs-models');
test.runIf(present)('the shared models change their axes where convolutions begin and end', async () => {
  const of = async (name: string): Promise<string[]> =>
    transposed((await readTfjs(folder(join(models, name)))).graph({}));
  expect(await of('layers-cnn')).toEqual(['conv2d_Conv2D1_input', 'conv2d_Conv2D2']);
  expect(await of('layers-functional')).toEqual(['image']);
  expect(await of('layers-gru')).toEqual([]);
});
