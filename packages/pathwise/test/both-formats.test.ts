import { describe, expect, test } from 'vitest';
import { toFloat64, type Tensor } from '@pathwise/model';
import { explainer } from '../src/index.ts';
import { host } from '../src/host/node.ts';
import { loadModel } from '../src/model/model-file.ts';
import { writeGraphModel } from './as-graph-model.ts';
import { models, pathwise, temporaryFolder, type Folder } from './cli.ts';

/** A model of `models/` as a graph model in a folder. */
async function asGraphModel(name: string, folder: Folder): Promise<string> {
  const { source } = await loadModel(`${models}/${name}/model.onnx`, host);
  return writeGraphModel('nodes' in source ? source : source.graph({}), folder.at(name));
}

const values = (t: Tensor): number[] => [...toFloat64(t.data)];

describe('an ONNX file and a graph model of the same weights give the same attributions', () => {
  const image = ['--input', `${models}/fashion-mnist/images/sandal.png`, '--preprocess', 'unit'];
  // In float64: in float32 the two round differently, and where a path meets a kink that shows.
  const exact = ['--engine', 'reference'];
  const methods: [string, ...string[]][] = [
    ['gradient', '--target', 'top1'],
    ['integrated-gradients', '--target', '5', '--steps', '8', '--engine', 'wasm'],
    ['integrated-gradients', '--target', '5-7', '--tolerance', '0.05', '--baseline', 'mean', ...exact],
    ['blur-integrated-gradients', '--target', '5', '--steps', '4', ...exact],
    ['occlusion', '--target', '5', '--param', 'window=7,7,1', '--param', 'strides=7,7,1'],
    ['gradient', '--target', '5', '--of', 'probability'],
    ['lrp-epsilon', '--target', '5', ...exact],
    ['lrp-z-plus', '--target', '5', ...exact],
    ['lrp-alpha-beta', '--target', '5', ...exact],
    ['deeplift-rescale', '--target', '5', '--baseline', 'zeros', ...exact],
    ['guided-backprop', '--target', '5', ...exact],
    ['layer-activation', '--layer', 'inception1'],
    ['layer-gradient-x-activation', '--target', '5', '--layer', 'inception1'],
  ];
  test.each(methods.map((all) => [all.join(' '), all] as const))('of an image: %s', async (_, [method, ...options]) => {
    const folder = temporaryFolder();
    const results: Tensor[] = [];
    for (const model of [`${models}/fashion-mnist/model.onnx`, await asGraphModel('fashion-mnist', folder)]) {
      const isOnnx = model.endsWith('.onnx');
      // In float32 the order of sums decides on which side of a kink a path point lies.
      const engine = options.includes('--engine') ? [] : ['--engine', 'reference'];
      const own = isOnnx ? options.map((option) => option.replace('=7,7,1', '=1,7,7')) : options;
      const ran = await pathwise([
        'attribute',
        model,
        ...image,
        '--method',
        method,
        ...own,
        ...engine,
        '-o',
        folder.at('a.npy'),
      ]);
      expect(ran).toMatchObject({ code: 0, stderr: '' });
      results.push(folder.npy('a.npy'));
    }
    const [onnx, tfjs] = results as [Tensor, Tensor];
    const [, c, h, w] = onnx.shape as [number, number, number, number];
    expect(tfjs.shape).toEqual([1, h, w, c]);
    const turned = Array.from({ length: c * h * w }, (_, i) => Number(onnx.data[(i % c) * h * w + Math.floor(i / c)]));
    expect(values(tfjs)).toBeClose(turned, { scale: 1e-5 });
    expect(Math.max(...turned.map(Math.abs))).toBeGreaterThan(0);
  });

  test('of a table, in the library', async () => {
    const folder = temporaryFolder();
    const rows = [[38.1, 16.5, 198, 3825, 1, 0, 0, 1, 0]];
    const results = [];
    for (const model of [`${models}/penguins/model.onnx`, await asGraphModel('penguins', folder)]) {
      const explain = await explainer(model);
      const { attributions, error } = await explain(rows, { method: 'integrated-gradients', target: 1, exact: true });
      results.push({ all: Object.values(attributions).flatMap(values), error, outputs: explain.outputs });
    }
    expect(results[1]!.all).toBeClose(results[0]!.all, { scale: 1e-5 });
    expect(results[1]!.outputs).toEqual(results[0]!.outputs);
  });
});
