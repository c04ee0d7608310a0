import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sharedData } from '../../model/testing/shared-data.ts';
import { readTfjs } from '../src/index.ts';
import { folder } from './folder.ts';

const { path: models, present } = sharedData('tfjs-models');

const transposes = async (name: string): Promise<string[]> => {
  const graph = (await readTfjs(folder(join(models, name)))).graph({});
  return graph.nodes.filter(({ op }) => op === 'Transpose').map(({ inputs: [input] }) => input as string);
};

test.runIf(present)('axes change their order where convolutions begin and end only', async () => {
  expect(await transposes('graph-cnn')).toEqual(['stem/Pad', 'block/MaxPool']);
  expect(await transposes('graph-mobilenet-block')).toEqual(['input_1']);
  expect(await transposes('graph-quantized')).toEqual(['x', 'conv/Relu']);
});

test.runIf(present)('a dilated convolution in pieces is one convolution', async () => {
  const graph = (await readTfjs(folder(join(models, 'graph-mobilenet-block')))).graph({});
  const conv = graph.nodes.find(({ name }) => name === 'dw2/depthwise');
  expect(conv).toMatchObject({ op: 'Conv', attrs: { dilations: [2, 2], group: 12 } });
  expect(graph.nodes.map(({ op }) => op)).not.toContain('Reshape');
});
