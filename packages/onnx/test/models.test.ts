import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Tensor } from '@pathwise/model';
import { referenceEngine } from '@pathwise/ops';
import { sharedData } from '../../model/testing/shared-data.ts';
import { readOnnx } from '../src/index.ts';
import { readNpy } from '../../model/testing/read-npy.ts';

/** Output of a model file on the reference engine. */
async function run(path: string, feed: Tensor): Promise<Tensor> {
  const source = readOnnx(readFileSync(path), { name: path });
  const [input] = source.inputs;
  const graph = source.graph({ [input!.name]: [1, ...feed.shape.slice(1)] });
  const executable = await referenceEngine.load(graph);
  return (await executable.run({ [input!.name]: feed }, graph.outputs))[graph.outputs[0] as string] as Tensor;
}

// Expected: logits of PyTorch 2.13 in float32.
const { path: goldens, present: hasGoldens } = sharedData('goldens');
describe.skipIf(!hasGoldens)('models exported from PyTorch give its logits (../shared/goldens)', () => {
  const models = hasGoldens ? readdirSync(goldens).filter((name) => existsSync(join(goldens, name, 'model.onnx'))) : [];
  test.each(models)('%s', async (name) => {
    const folder = join(goldens, name);
    const tokens = existsSync(join(folder, 'ids.npy'));
    const logits = await run(join(folder, 'model.onnx'), readNpy(join(folder, tokens ? 'ids.npy' : 'x.npy')));
    const expected = readNpy(join(folder, 'logits.npy'));
    expect(logits.shape).toEqual(expected.shape);
    expect(logits.data).toBeClose(Array.from(expected.data, Number), { scale: 1e-5 });
  });
});

// Expected: logits of the same files in float64, computed by another program.
const { path: models, present: hasModels } = sharedData('models');
describe.skipIf(!hasModels)('real models give their reference logits (../shared/models)', () => {
  test.each([
    ['mobilenet-v2', '../photos/chelsea.mobilenet-v2.npy', 'chelsea'],
    ['squeezenet-1.0', '../photos/chelsea.squeezenet-1.0.npy', 'chelsea'],
    ['resnet-8-cifar10', '../photos/chelsea.resnet-8-cifar10.npy', 'chelsea'],
    ['bilstm-thai-words', 'sentence-0.npy', 'sentence-0'],
    ['bilstm-thai-words', 'sentence-1.npy', 'sentence-1'],
  ])('%s on %s', async (name, input, reference) => {
    const folder = join(models, name);
    const logits = await run(join(folder, 'model.onnx'), readNpy(join(folder, input)));
    const expected = readNpy(join(folder, 'reference', reference, 'logits.npy'));
    expect(logits.data).toBeClose(Array.from(expected.data, Number), { scale: 1e-9 });
  });
});
