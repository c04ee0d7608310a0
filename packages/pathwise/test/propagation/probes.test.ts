// Results of the rules on trained and random networks (golden/propagation.json says whose). The models lie beside the
// repository; without them the tests are skipped.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { toFloat64, type Params, type Tensor } from '@pathwise/model';
import { sharedData } from '../../../model/testing/shared-data.ts';
import { explainer, readNpy } from '../../src/index.ts';
import { golden, type Probe } from './case-model.ts';

const { path: goldens, present } = sharedData('goldens');

/** The numbers of the probes are rounded to 12 digits after the point. */
const ROUNDED = 1e-11;

/** What a probe's title asks for. */
function requestOf(title: string): { method: string; params?: Params; layer?: string; set?: boolean } {
  const [, method = '', rest = ''] = /^(\S+)\s*(.*)$/u.exec(title) ?? [];
  if (title.startsWith('AttnLRP')) return { method: 'attn-lrp', params: { epsilon: 1e-12 } };
  if (title.startsWith('CP-LRP')) return { method: 'attn-lrp', params: { epsilon: 1e-12, attention: 'value' } };
  if (method === 'lrp-epsilon') return { method, params: { epsilon: 1e-3 } };
  if (method === 'deep-taylor') return { method, params: rest === 'w2' ? {} : { input: 'box' } };
  if (method === 'lrp') return { method: 'lrp-epsilon', params: { composite: rest.split(' ')[1] as string } };
  if (method === 'deepshap') return { method, set: true };
  if (method === 'grad-cam-plus-plus-normalised') {
    return { method: 'grad-cam-plus-plus', params: { normaliseAlpha: true }, layer: rest };
  }
  return rest === '' ? { method } : { method, layer: rest };
}

async function solve({ case: title }: Probe): Promise<Tensor> {
  const [, model = '', asked = ''] = /^(\S+) (.*)$/u.exec(title) ?? [];
  const folder = join(goldens, model);
  const npy = (name: string): Tensor => readNpy(new Uint8Array(readFileSync(join(folder, `${name}.npy`))), name);
  const info = JSON.parse(readFileSync(join(folder, 'cases.json'), 'utf8')) as {
    target: number[];
    attributeAt?: string;
  };
  const explain = await explainer(join(folder, 'model.onnx'), { engine: 'reference' });
  const { method, params, layer, set } = requestOf(asked);
  const isText = info.attributeAt !== undefined;
  const baseline = method.startsWith('deeplift')
    ? npy(isText ? 'embedding_baseline' : 'baseline')
    : set === true
      ? { set: npy('baselines') }
      : undefined;
  const a = await explain(npy(isText ? 'ids' : 'x'), {
    method,
    target: { perRow: info.target },
    ...(params === undefined ? {} : { params }),
    ...(layer === undefined ? {} : { layer }),
    ...(baseline === undefined ? {} : { baseline }),
  });
  explain.dispose();
  return Object.values(a.attributions)[0] as Tensor;
}

describe.skipIf(!present)('probes', () => {
  test.each(golden.probes.map((probe) => [probe.case, probe] as const))('%s', async (_, probe) => {
    const { data, shape } = await solve(probe);
    const values = toFloat64(data);
    const rows = shape[0] as number;
    const size = values.length / rows;
    const largest = Math.max(...probe.atArgmax.map(Math.abs));
    const closeness = { rtol: 1e-9, atol: ROUNDED, scale: 1e-9 };
    for (let row = 0; row < rows; row++) {
      const own = values.subarray(row * size, (row + 1) * size);
      expect(own.reduce((sum, v) => sum + v, 0)).toBeClose(probe.sum[row] as number, {
        ...closeness,
        atol: 1e-9 * largest * size + ROUNDED,
      });
      expect(own.reduce((sum, v) => sum + Math.abs(v), 0)).toBeClose(probe.absSum[row] as number, closeness);
      const at = own.reduce((best, v, i) => (Math.abs(v) > Math.abs(own[best] as number) ? i : best), 0);
      expect(at).toBe(probe.argmaxFlat[row]);
      expect(own[at]).toBeClose(probe.atArgmax[row] as number, closeness);
    }
  });
  test('all are run', () => expect(golden.probes.length).toBe(28));
});
