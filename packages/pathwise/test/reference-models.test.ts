// Real trained networks against gradients that PyTorch-independent float64 interpreters computed (reference.json of
// each folder says how). The files lie beside the repository; without them the tests are skipped.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { rowsOf, type Target, type Tensor } from '@pathwise/model';
import { sharedData } from '../../model/testing/shared-data.ts';
import { explainer, readNpy } from '../src/index.ts';

const { path: models, present } = sharedData('models');
const npy = (file: string): Tensor => readNpy(new Uint8Array(readFileSync(file)), file);

interface Case {
  readonly folder: string;
  readonly input: string;
  readonly reference: string;
  readonly rows?: number;
  readonly target: Target;
  readonly integrated?: { readonly file: string; readonly steps: number };
}

const cases: readonly Case[] = [
  {
    folder: 'squeezenet-1.0',
    input: '../photos/chelsea.squeezenet-1.0.npy',
    reference: 'reference/chelsea',
    target: 285,
  },
  { folder: 'mobilenet-v2', input: '../photos/chelsea.mobilenet-v2.npy', reference: 'reference/chelsea', target: 283 },
  {
    folder: 'resnet-8-cifar10',
    input: '../photos/chelsea.resnet-8-cifar10.npy',
    reference: 'reference/chelsea',
    target: 'top1',
    integrated: { file: 'ig-midpoint-32', steps: 32 },
  },
  {
    folder: 'lstm-mnist-rows',
    input: 'digits.npy',
    reference: 'reference',
    rows: 5,
    target: { perRow: [0, 1, 2, 3, 4] },
  },
  {
    folder: 'bilstm-thai-words',
    input: 'sentence-0.npy',
    reference: 'reference/sentence-0',
    target: { index: [3, 0] },
  },
  {
    folder: 'bilstm-thai-words',
    input: 'sentence-1.npy',
    reference: 'reference/sentence-1',
    target: { index: [3, 0] },
  },
];

describe.skipIf(!present)('real networks', () => {
  test.each(cases.map((one) => [`${one.folder} ${one.input}`, one] as const))(
    '%s: output, gradient',
    { timeout: 120_000 },
    async (_name, one) => {
      const folder = join(models, one.folder);
      const reference = (name: string): Tensor => npy(join(folder, one.reference, `${name}.npy`));
      const stated = JSON.parse(readFileSync(join(folder, one.reference, 'reference.json'), 'utf8')) as {
        target?: number | { position: number; cls: number };
      };
      const target =
        typeof stated.target === 'object'
          ? { index: [stated.target.position, stated.target.cls] }
          : (stated.target ?? one.target);
      const explain = await explainer(join(folder, 'model.onnx'), { engine: 'reference', preprocess: 'raw' });
      const all = npy(join(folder, one.input));
      const input = one.rows === undefined ? all : rowsOf(all, 0, one.rows);
      const { outputs } = await explain.predict(input);
      expect(outputs['logits']?.data).toBeClose(Array.from(reference('logits').data, Number), { scale: 1e-6 });
      const gradient = await explain(input, { method: 'gradient', target });
      const [tensor] = Object.values(gradient.attributions);
      // 1e-5 relative: what float32 references support (README of the reference files).
      expect(tensor?.data).toBeClose(Array.from(reference('gradient').data, Number), { scale: 1e-5 });
      if (one.integrated !== undefined) {
        const { attributions } = await explain(input, {
          method: 'integrated-gradients',
          target,
          quadrature: 'midpoint',
          steps: one.integrated.steps,
        });
        expect(Object.values(attributions)[0]?.data).toBeClose(
          Array.from(reference(one.integrated.file).data, Number),
          { scale: 1e-5 },
        );
      }
    },
  );
});
