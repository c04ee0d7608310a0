import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Feeds, Objective } from '@pathwise/model';
import type { Engine } from '@pathwise/graph';
import { graphModel, referenceEngine } from '@pathwise/ops';
import { wasmEngine } from '@pathwise/wasm';
import { readNpy } from '../../model/testing/read-npy.ts';
import { sharedData } from '../../model/testing/shared-data.ts';
import { readTfjs } from '../src/index.ts';
import { folder } from './folder.ts';

interface Case {
  readonly kind: string;
  readonly inputs: readonly { readonly name: string; readonly file: string }[];
  readonly outputs: readonly { readonly name: string; readonly file: string }[];
  /** One class a row. */
  readonly target: readonly number[];
  readonly gradients: readonly { readonly of: string; readonly file: string }[];
  readonly tolerance: { readonly output: number; readonly gradient: number };
}

// Expected: outputs of TensorFlow.js 4.22.0 on its cpu backend, and gradients checked by another program in float64
// (../shared/tfjs-models/README.md).
const { path: models, present } = sharedData('tfjs-models');
const names = present ? readdirSync(models).filter((name) => !name.includes('.')) : [];
const engines: readonly Engine[] = [referenceEngine, wasmEngine];

describe.skipIf(!present).each(engines)('models on engine $id (../shared/tfjs-models)', (engine) => {
  test.each(names)('%s gives its output and its gradient', async (name) => {
    const path = join(models, name);
    const { inputs, outputs, target, gradients, tolerance } = JSON.parse(
      readFileSync(join(path, 'case.json'), 'utf8'),
    ) as Case;
    const source = await readTfjs(folder(path), { name });
    const model = graphModel(source, engine);
    const only = source.inputs.length === 1 ? source.inputs[0]!.name : null;
    const feeds: Feeds = Object.fromEntries(
      inputs.map(({ name: input, file }) => [only ?? input, readNpy(join(path, file))]),
    );

    const results = await model.forward(feeds);
    for (const [i, { file }] of outputs.entries()) {
      const expected = readNpy(join(path, file));
      const result = results[source.outputs[i]!.name]!;
      expect(result.shape).toEqual(expected.shape);
      expect(result.data).toBeClose(Array.from(expected.data, Number), { scale: tolerance.output });
    }

    const [logits] = source.outputs;
    const width = logits!.shape[1] as number;
    const objective: Objective = {
      tensor: logits!.name,
      rows: target.map((k) => ({
        kind: 'linear',
        weights: Float64Array.from({ length: width }, (_, i) => +(i === k)),
      })),
    };
    const wrt = model.inputs.map(({ attributedAt }) => attributedAt!);
    const { gradients: found } = await model.gradient({ feeds, objective, wrt });
    for (const [i, { file }] of gradients.entries()) {
      const expected = readNpy(join(path, file));
      const gradient = found[wrt[i]!]!;
      expect(gradient.shape).toEqual(expected.shape);
      expect(gradient.data).toBeClose(Array.from(expected.data, Number), { scale: tolerance.gradient });
    }
    model.dispose();
  });
});
