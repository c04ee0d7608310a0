// Every method that propagates on real and random networks of every kind. The models lie beside the repository; without
// them the tests are skipped.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { rowsOf, toFloat64, type Tensor } from '@pathwise/model';
import { methods } from '@pathwise/attribution';
import { sharedData } from '../../../model/testing/shared-data.ts';
import { explainer, readNpy, type Explainer, type ExplainOptions } from '../../src/index.ts';

const { path: shared, present } = sharedData('.');

interface Network {
  readonly folder: string;
  readonly input: string;
  readonly target: ExplainOptions['target'];
  /** Why Deep Taylor refuses it: an op. */
  readonly notTaylor?: string;
  /** Neighbours in max pooling are equal on plateaus: which of them wins is rounding. */
  readonly ties?: true;
}

const networks: readonly Network[] = [
  { folder: 'goldens/breast-cancer-mlp', input: 'goldens/breast-cancer-mlp/x.npy', target: 0 },
  { folder: 'goldens/digits-cnn', input: 'goldens/digits-cnn/x.npy', target: 3 },
  { folder: 'goldens/mini-googlenet', input: 'goldens/mini-googlenet/x.npy', target: 'top1', ties: true },
  { folder: 'goldens/mini-resnet', input: 'goldens/mini-resnet/x.npy', target: 1 },
  { folder: 'goldens/lstm-text', input: 'goldens/lstm-text/ids.npy', target: 0, notTaylor: 'Tanh' },
  { folder: 'goldens/transformer-text', input: 'goldens/transformer-text/ids.npy', target: 2, notTaylor: 'Gelu' },
  { folder: 'models/resnet-8-cifar10', input: 'models/photos/chelsea.resnet-8-cifar10.npy', target: 'top1' },
  { folder: 'models/lstm-mnist-rows', input: 'models/lstm-mnist-rows/digits.npy', target: 0, notTaylor: 'Tanh' },
  {
    folder: 'models/bilstm-thai-words',
    input: 'models/bilstm-thai-words/sentence-0.npy',
    target: { index: [3, 0] },
    notTaylor: 'Tanh',
  },
];

const propagating = methods.filter(({ propagation }) => propagation !== undefined);

async function load(folder: string, engine: 'reference' | 'wasm'): Promise<Explainer> {
  const path = join(shared, folder);
  const file = readdirSync(path).find((name) => name.endsWith('.onnx')) as string;
  return explainer(join(path, file), { engine });
}

const values = (tensors: Readonly<Record<string, Tensor>>): number[] =>
  Object.values(tensors).flatMap(({ data }) => Array.from(toFloat64(data)));

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, v, i) => sum + v * (b[i] as number), 0);
const cosine = (a: readonly number[], b: readonly number[]): number => dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));

describe.skipIf(!present).each(networks.map((network) => [network.folder, network] as const))('%s', (_, network) => {
  const x = (): Tensor => {
    const whole = readNpy(new Uint8Array(readFileSync(join(shared, network.input))), network.input);
    return rowsOf(whole, 0, Math.min(2, whole.shape[0] as number));
  };

  test.each(propagating.map((method) => [method.id, method] as const))('%s', async (id, { takes }) => {
    const reference = await load(network.folder, 'reference');
    const wasm = await load(network.folder, 'wasm');
    const request: ExplainOptions = {
      method: id,
      target: network.target,
      ...(takes.baseline === 'none' ? {} : { baseline: 'zeros' }),
    };
    if (id === 'deep-taylor' && network.notTaylor !== undefined) {
      const refused = reference(x(), request);
      await expect(refused).rejects.toMatchObject({ code: 'UNSUPPORTED_METHOD', place: { op: network.notTaylor } });
      expect(reference.model.counters).toEqual({ forward: 0, gradient: 0 });
      return;
    }
    expect(reference.supports(id)).toEqual({ ok: true });
    const [own, other] = [await reference(x(), request), await wasm(x(), request)];
    expect(own.evaluations).toEqual(reference.model.counters);
    expect(other.evaluations).toEqual(own.evaluations);
    const exact = values(own.attributions);
    expect(exact.every(Number.isFinite)).toBe(true);
    const inFloat32 = values(other.attributions);
    if (network.ties === true) expect(cosine(inFloat32, exact)).toBeGreaterThan(0.99);
    // Stabilizers of 1e-6 at sums that nearly cancel: float32 has another sum there.
    else expect(inFloat32).toBeClose(exact, { scale: 1e-4, atol: 1e-12 });
    if (own.outputAtBaseline !== null) {
      for (const [row, delta] of (own.convergenceDelta as number[]).entries()) {
        const size = exact.reduce((sum, v) => sum + Math.abs(v), 0) / own.outputAtInput.length;
        expect(Math.abs(delta)).toBeLessThanOrEqual(1e-12 * Math.max(size, Math.abs(own.outputAtInput[row] as number)));
      }
    }
    reference.dispose();
    wasm.dispose();
  });
});
