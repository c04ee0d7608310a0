import { describe, expect, test } from 'vitest';
import { float32, sizeOf, toFloat64 } from '@pathwise/model';
import { writeNpy } from '../src/files/npy.ts';
import { models, pathwise, temporaryFolder, type Folder } from './cli.ts';

const model = `${models}/fashion-mnist/model.onnx`;
const image = ['--input', `${models}/fashion-mnist/images/ankle-boot.png`];
const recipe = ['--preprocess', `${models}/fashion-mnist/preprocess.json`];
const nodes = ['--steps', '4', '--quadrature', 'gauss-legendre'];
const [top, left, bottom, right] = [12, 4, 20, 16];
const box = [top, left, bottom, right].join(',');

async function attribute(folder: Folder, method: string, ...more: string[]): Promise<Float64Array> {
  const out = folder.at(`${folder.names().length}.npy`);
  const ran = await pathwise([
    'attribute',
    model,
    ...image,
    ...recipe,
    '--method',
    method,
    ...nodes,
    ...more,
    '-o',
    out,
  ]);
  expect(ran).toMatchObject({ code: 0, stderr: '' });
  return toFloat64(folder.npy(`${folder.names().length - 1}.npy`).data);
}
const sum = (values: Float64Array): number => values.reduce((a, b) => a + b, 0);
const l1 = (values: Float64Array): number => values.reduce((a, b) => a + Math.abs(b), 0);

describe('conductance of a region of a trained CNN', () => {
  test('the units of a layer together have the integrated gradients of the region', async () => {
    const folder = temporaryFolder();
    const ig = await attribute(folder, 'integrated-gradients');
    const part = await attribute(folder, 'layer-conductance', '--layer', 'inception1', '--param', `region=${box}`);
    const side = Math.sqrt(ig.length);
    const inside = ig.filter((_, i) => {
      const [row, column] = [Math.floor(i / side), i % side];
      return row >= top && row < bottom && column >= left && column < right;
    });
    expect(l1(part)).toBeGreaterThan(0);
    // Both are written as float32.
    expect(sum(part)).toBeClose(sum(inside), { atol: 1e-5 * l1(ig) });
  });

  test('a mask in a file is the box of the same pixels', async () => {
    const folder = temporaryFolder();
    const side = 28;
    const shape = [1, side, side];
    const mask = Array.from({ length: sizeOf(shape) }, (_, i) => {
      const [row, column] = [Math.floor(i / side), i % side];
      return Number(row >= top && row < bottom && column >= left && column < right);
    });
    const file = folder.write('0.npy', writeNpy(float32(shape, mask)));
    const boxed = await attribute(folder, 'layer-conductance', '--layer', 'inception1', '--param', `region=${box}`);
    const masked = await attribute(folder, 'layer-conductance', '--layer', 'inception1', '--param', `region=${file}`);
    expect(masked).toEqual(boxed);
  });

  test.each([
    ['region=missing.npy', 4, 'missing.npy'],
    ['region=1,x', 2, 'region'],
    ['region=1,2,3', 2, '784 weights'],
  ])('%s', async (param, code, message) => {
    const folder = temporaryFolder();
    const own = ['--method', 'layer-conductance', '--layer', 'inception1', '--param', param, '-o', folder.at('a.npy')];
    const ran = await pathwise(['attribute', model, ...image, ...recipe, ...own]);
    expect(ran.code).toBe(code);
    expect(ran.stderr).toContain(message);
    expect(folder.names()).toEqual([]);
  });
});
