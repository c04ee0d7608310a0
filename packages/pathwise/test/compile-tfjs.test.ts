// TensorFlow.js models as plans. Outputs by TensorFlow.js, stored beside the models (case.json says by which version).
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { rowsOf, toFloat64 } from '@pathwise/model';
import { openPlan } from '@pathwise/wasm/edge';
import { sharedData } from '../../model/testing/shared-data.ts';
import { explainer, preparePlanInput, readNpy, type Tensor } from '../src/index.ts';
import { ensureCore } from '../../wasm/tools/build.mjs';
import { pathwise, temporaryFolder } from './cli.ts';

const shared = sharedData('tfjs-models');
const npy = (path: string): Tensor => readNpy(new Uint8Array(readFileSync(path)), path);

beforeAll(ensureCore, 120_000);

describe.skipIf(!shared.present)('pathwise compile model.json', () => {
  test.each([
    'graph-cnn',
    'graph-mobilenet-block',
    'graph-quantized',
    'layers-cnn',
    'layers-functional',
    'layers-keras3-gru',
  ])('%s', async (name) => {
    const folder = join(shared.path, name);
    const out = temporaryFolder();
    const ran = await pathwise(['compile', join(folder, 'model.json'), '-o', out.at('a.plan')]);
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    const plan = await openPlan(readFileSync(out.at('a.plan')));
    const { inputs } = JSON.parse(readFileSync(join(folder, 'case.json'), 'utf8')) as {
      inputs: readonly { readonly file: string }[];
    };
    const values = inputs.map(({ file }) => npy(join(folder, file)));
    const output = npy(join(folder, 'output.npy'));
    // The layout is that of the file: channels last where these models read images.
    const given = plan.info.inputs.map(
      ({ shape }) => values.find((value) => value.shape.slice(1).join() === shape.slice(1).join()) as Tensor,
    );
    expect(given).not.toContain(undefined);
    const explain = await explainer(join(folder, 'model.json'), { engine: 'reference' });
    const { feeds } = await preparePlanInput(plan.info, named(plan.info.inputs, given));
    for (let row = 0; row < (output.shape[0] ?? 0); row++) {
      const here = Object.fromEntries(Object.entries(feeds).map(([key, feed]) => [key, numbers(feed, row)]));
      const wanted = numbers(output, row);
      expect(plan.predict(here)).toBeClose(wanted, { atol: 1e-5 * largest(wanted) });
      const found = await plan.attribute(here, { target: 0, steps: 20 });
      const options = { target: 0, steps: 20, quadrature: 'gauss-legendre' } as const;
      const there = await explain(
        named(
          plan.info.inputs,
          given.map((value) => rowsOf(value, row, row + 1)),
        ),
        options,
      );
      expect(Object.keys(found.attributions)).toEqual(Object.keys(there.attributions));
      for (const [key, { shape, data }] of Object.entries(there.attributions)) {
        expect(found.attributions[key]?.shape).toEqual(shape);
        expect(found.attributions[key]?.data).toBeClose(data, { atol: 1e-4 * largest(toFloat64(data)) });
      }
    }
    explain.dispose();
  });

  test('layers-gru reads token ids, which is said', async () => {
    const ran = await pathwise(['compile', join(shared.path, 'layers-gru/model.json'), '-o', 'none.plan']);
    expect(ran.code).toBe(3);
    expect(ran.stderr).toContain('Token ids are not supported in plan files');
  });
});

function numbers(tensor: Tensor, row: number): Float64Array {
  return toFloat64(rowsOf(tensor, row, row + 1).data);
}

function largest(values: Float64Array): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

function named(ports: readonly { readonly name: string }[], values: readonly Tensor[]): Record<string, Tensor> {
  return Object.fromEntries(ports.map(({ name }, i) => [name, values[i] as Tensor]));
}
