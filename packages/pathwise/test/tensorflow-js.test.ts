import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { toFloat64, type Tensor } from '@pathwise/model';
import { explainer } from '../src/index.ts';
import { loadModel } from '../src/model/model-file.ts';
import { host } from '../src/host/node.ts';
import { writeLayersModel } from './as-layers-model.ts';
import { models, pathwise, temporaryFolder, type Folder } from './cli.ts';

/** A model of `models/` as a layers model in a folder. */
async function asLayersModel(name: string, folder: Folder): Promise<string> {
  const { source } = await loadModel(`${models}/${name}/model.onnx`, host);
  const graph = 'nodes' in source ? source : source.graph({});
  return writeLayersModel(graph, folder.at(name));
}

const values = (t: Tensor): number[] => [...toFloat64(t.data)];

describe('an ONNX file and a layers model of the same weights give the same attributions', () => {
  const methods = [
    ['gradient'],
    ['input-x-gradient'],
    ['integrated-gradients', '--steps', '8'],
    ['integrated-gradients', '--tolerance', '0.05', '--baseline', 'mean'],
    ['integrated-gradients', '--steps', '4', '--baseline', 'blur:2'],
    ['occlusion', '--param', 'window=7,7,1', '--param', 'strides=7,7,1'],
    ['smoothgrad', '--seed', '3', '--param', 'samples=2'],
    ['guided-integrated-gradients', '--steps', '4'],
  ];
  test.each(methods)('of an image: %s %s %s %s %s', async (...options) => {
    const folder = temporaryFolder();
    const layers = await asLayersModel('fashion-mnist', folder);
    const results: Tensor[] = [];
    for (const [k, model] of [`${models}/fashion-mnist/model.onnx`, layers].entries()) {
      const own = k === 0 ? options.map((option) => option.replace('=7,7,1', '=1,7,7')) : options;
      const out = folder.at(`${k}.npy`);
      const image = [
        '--input',
        `${models}/fashion-mnist/images/ankle-boot.png`,
        '--preprocess',
        'unit',
        '--engine',
        'reference',
        '--target',
        '9',
      ];
      const ran = await pathwise(['attribute', model, ...image, '--method', ...own, '-o', out]);
      expect(ran).toMatchObject({ code: 0, stderr: '' });
      results.push(folder.npy(`${k}.npy`));
    }
    const [onnx, tfjs] = results as [Tensor, Tensor];
    expect([onnx.shape, tfjs.shape]).toEqual([
      [1, 1, 28, 28],
      [1, 28, 28, 1],
    ]);
    // One channel: both layouts hold the pixels in the same order.
    expect(values(tfjs)).toBeClose(values(onnx), { scale: 1e-5 });
  });

  // The layer has 64 channels of 14 x 14; the file of TensorFlow.js has them last.
  const turned = ({ shape, data }: Tensor): number[] => {
    const [, c, h, w] = shape as [number, number, number, number];
    return Array.from({ length: c * h * w }, (_, i) => Number(data[(i % c) * h * w + Math.floor(i / c)]));
  };
  const image = [
    '--input',
    `${models}/fashion-mnist/images/ankle-boot.png`,
    '--preprocess',
    'unit',
    '--engine',
    'reference',
  ];
  test.each([
    [['--method', 'layer-activation']],
    [['--method', 'layer-integrated-gradients', '--steps', '4', '--target', '9']],
  ])('of a layer: %o', async (options) => {
    const folder = temporaryFolder();
    const layers = await asLayersModel('fashion-mnist', folder);
    const common = [...image, '--layer', 'inception1'];
    const onnxModel = `${models}/fashion-mnist/model.onnx`;
    const first = await pathwise(['attribute', onnxModel, ...common, ...options, '-o', folder.at('0.npy')]);
    const second = await pathwise(['attribute', layers, ...common, ...options, '-o', folder.at('1.npy')]);
    expect([first.code, second.code, second.stderr]).toEqual([0, 0, '']);
    expect(folder.npy('1.npy').shape).toEqual([1, 14, 14, 64]);
    expect(values(folder.npy('1.npy'))).toBeClose(turned(folder.npy('0.npy')), { scale: 1e-5 });
  });

  test('of a neuron, named by its place in the file', async () => {
    const folder = temporaryFolder();
    const layers = await asLayersModel('fashion-mnist', folder);
    const results = [];
    for (const [model, neuron] of [
      [`${models}/fashion-mnist/model.onnx`, '40,3,7'],
      [layers, '3,7,40'],
    ] as const) {
      const method = ['--method', 'neuron-gradient', '--layer', 'inception1', '--neuron', neuron];
      const ran = await pathwise(['attribute', model, ...image, ...method, '-o', folder.at('g.npy'), '--json']);
      expect(JSON.parse(ran.stdout)).toMatchObject({ target: [`inception1[${neuron}]`] });
      results.push(values(folder.npy('g.npy')));
    }
    expect(results[1]).toBeClose(results[0]!, { scale: 1e-5 });
    expect(Math.max(...results[0]!.map(Math.abs))).toBeGreaterThan(0);
  });

  test('of a table, and the axioms are checked', async () => {
    const folder = temporaryFolder();
    const layers = await asLayersModel('penguins', folder);
    for (const [k, model] of [`${models}/penguins/model.onnx`, layers].entries()) {
      const rows = ['--input', `${models}/penguins/rows.csv`];
      expect(await pathwise(['attribute', model, ...rows, '--exact', '-o', folder.at(`${k}.npy`)])).toMatchObject({
        code: 0,
      });
      expect(await pathwise(['check', model, ...rows, '--quick', '--axiom', 'completeness'])).toMatchObject({
        code: 0,
      });
    }
    expect(values(folder.npy('1.npy'))).toBeClose(values(folder.npy('0.npy')), { scale: 1e-5 });
  });
});

describe('explainer()', () => {
  const rows = [[38.1, 16.5, 198, 3825, 1, 0, 0, 1, 0]];
  const options = { method: 'gradient', target: 0 } as const;

  test('takes a path, the files and artifacts alike', async () => {
    const folder = temporaryFolder();
    const path = await asLayersModel('penguins', folder);
    const bytes = (name: string): Uint8Array => new Uint8Array(readFileSync(path.replace('model.json', name)));
    const names = ['group1-shard2of2.bin', 'model.json', 'group1-shard1of2.bin'];
    const files = names.map((name) => new File([bytes(name) as Uint8Array<ArrayBuffer>], name));
    const { modelTopology, weightsManifest } = JSON.parse(new TextDecoder().decode(bytes('model.json'))) as {
      modelTopology: object;
      weightsManifest: [{ weights: object[] }];
    };
    const weightData = [bytes(names[2]!), bytes(names[0]!)].map(({ buffer }) => buffer as ArrayBuffer);
    const artifacts = { modelTopology, weightSpecs: weightsManifest[0].weights, weightData };
    const results = [];
    for (const model of [path, files, artifacts]) {
      const explain = await explainer(model);
      results.push((await explain(rows, options)).attributions);
      expect(explain.outputs).toEqual([{ name: 'logits', dtype: 'float32', shape: ['batch', 3] }]);
    }
    expect(results[1]).toEqual(results[0]);
    expect(results[2]).toEqual(results[0]);
  });

  test('what cannot be read', async () => {
    const json = new TextEncoder().encode('{"modelTopology": {}}');
    await expect(explainer(json)).rejects.toThrowErrorMatchingInlineSnapshot(
      `[PathwiseError: model: looks like a model.json, whose weights are in other files. Give its path, or all files]`,
    );
    await expect(explainer([new File([], 'group1-shard1of1.bin')])).rejects.toThrowErrorMatchingInlineSnapshot(
      `[PathwiseError: model.json: is missing. Files given: group1-shard1of1.bin]`,
    );
    await expect(explainer(3 as never)).rejects.toThrowErrorMatchingInlineSnapshot(
      `[PathwiseError: explainer: expected a path, bytes, files, a graph or a model of TensorFlow.js for the model, got 3]`,
    );
    await expect(explainer({} as never)).rejects.toThrowErrorMatchingInlineSnapshot(
      `[PathwiseError: readTfjs: expected a source of files, model artifacts or a live model for the model, got [object Object]]`,
    );
  });
});

describe('pathwise inspect', () => {
  const model = (folder: Folder, layers: readonly object[]): string => {
    const config = { name: 'm', layers };
    const modelTopology = { class_name: 'Sequential', config, keras_version: '2.15.0' };
    return folder.write('model.json', JSON.stringify({ modelTopology, weightsManifest: [] }));
  };
  const upSampling = {
    class_name: 'UpSampling2D',
    config: { name: 'up', interpolation: 'bilinear', batch_input_shape: [null, 4, 4, 1] },
  };

  test('says how the file was read', async () => {
    const { code, stdout } = await pathwise(['inspect', model(temporaryFolder(), [upSampling])]);
    expect(code).toBe(0);
    expect(stdout).toMatch('input   up_input  float32 [batch,4,4,1]');
    expect(stdout).toMatch('note    layer "up" interpolates with half-pixel pixel centres, as Keras does');
  });

  test('names every layer that is not supported', async () => {
    const layers = [
      upSampling,
      { class_name: 'Lambda', config: { name: 'a' } },
      { class_name: 'Odd', config: { name: 'b' } },
    ];
    const { code, stdout } = await pathwise(['inspect', model(temporaryFolder(), layers)]);
    expect(code).toBe(3);
    expect(stdout).toMatch(/^a +Lambda +layers of class Lambda are not supported/m);
    expect(stdout).toMatch(/^b +Odd +layers of class Odd are not supported/m);
  });
});

test('model.json and its weights are fetched, with the query string of the address', async () => {
  const folder = temporaryFolder();
  const path = await asLayersModel('penguins', folder);
  const asked: string[] = [];
  const server = createServer(({ url = '' }, response) => {
    asked.push(url);
    const file = new URL(url, 'http://localhost').pathname.replace('/web/', '');
    response.end(readFileSync(path.replace('model.json', file)));
  });
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const explain = await explainer(`http://127.0.0.1:${port}/web/model.json?token=1`);
  expect(explain.file.name).toBe('web/model.json');
  expect(asked).toEqual(
    ['model.json', 'group1-shard1of2.bin', 'group1-shard2of2.bin'].map((file) => `/web/${file}?token=1`),
  );
});
