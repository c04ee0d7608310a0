import { describe, expect, test } from 'vitest';
import { toFloat64, type Feeds } from '@pathwise/model';
import type { Engine, Graph } from '@pathwise/graph';
import { graphModel, referenceEngine } from '@pathwise/ops';
import { createOrtEngine } from '../src/runtime/index.ts';
import { firstGradient, networkFiles, openNetwork } from './networks.ts';
import { opCases, plainCases } from './op-files.ts';

const engines: Readonly<Record<string, Engine>> = {
  'onnxruntime-node': createOrtEngine({ runtime: () => import('onnxruntime-node') }),
  'onnxruntime-web': createOrtEngine({ runtime: () => import('onnxruntime-web') }),
};

/** Float32 against float64: a few hundred roundings of the largest value. */
const TOLERANCE = { scale: 1e-5 };

async function expectAgreement(engine: Engine, graph: Graph, feeds: Feeds, wanted: readonly string[]): Promise<void> {
  const [ours, reference] = await Promise.all([engine.load(graph), referenceEngine.load(graph)]);
  const [actual, expected] = await Promise.all([ours.run(feeds, wanted), reference.run(feeds, wanted)]);
  for (const name of wanted) {
    const [a, b] = [actual[name]!, expected[name]!];
    expect([name, a.dtype, a.shape]).toEqual([name, b.dtype, b.shape]);
    expect(toFloat64(a.data)).toBeClose(toFloat64(b.data), TOLERANCE);
  }
  ours.dispose();
}

describe.each(Object.entries(engines))('%s against the float64 reference', (_runtime, engine) => {
  const cases = opCases(3);
  const supported = cases.filter(([, { graph }]) => engine.supports(graph).ok);

  describe('every example of every op, and its gradient', () => {
    test.each(supported)('%s', async (_name, { graph, feeds, wanted }) => {
      await expectAgreement(engine, graph, feeds, wanted);
    });

    // The others: quantized or boolean numbers that vary as floats, and five forms that the runtime has not.
    test('of which so many run', () => {
      expect([supported.length, cases.length]).toEqual([696, 730]);
    });
  });

  test.each(plainCases())('not lowered: %s', async (_name, { graph, feeds, wanted }) => {
    await expectAgreement(engine, graph, feeds, wanted);
  });

  for (const file of networkFiles) {
    test.skipIf(!file.present)(`${file.name}, forward and gradient`, { timeout: 120_000 }, async () => {
      const { source, feeds } = openNetwork(file);
      const [ours, reference] = [graphModel(source, engine), graphModel(source, referenceEngine)];
      const output = source.outputs[0]!.name;
      const expected = (await reference.forward(feeds, [output]))[output]!;
      const actual = (await ours.forward(feeds, [output]))[output]!;
      expect(toFloat64(actual.data)).toBeClose(toFloat64(expected.data), TOLERANCE);
      const by = ours.inputs[0]!.attributedAt!;
      const [a, b] = await Promise.all(
        [ours, reference].map((model) => model.gradient(firstGradient(feeds, output, expected, by))),
      );
      expect(toFloat64(a!.gradients[by]!.data)).toBeClose(toFloat64(b!.gradients[by]!.data), TOLERANCE);
      ours.dispose();
    });
  }
});
