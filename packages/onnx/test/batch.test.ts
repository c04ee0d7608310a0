import { describe, expect, test } from 'vitest';
import { toFloat64, type Tensor } from '@pathwise/model';
import { referenceEngine } from '@pathwise/ops';
import { batched } from '../src/runtime/batch.ts';
import { opCases } from './op-files.ts';

const ROWS = 3;

// Expected: each row by itself, by the reference engine.
describe('graphs for several rows at once', () => {
  const cases = opCases(ROWS).flatMap(([name, one]) => {
    const graph = batched({ ...one.graph, outputs: one.wanted }, ROWS);
    return graph === null ? [] : [[name, one, graph] as const];
  });

  test.each(cases)('%s', async (_name, { graph, feeds, wanted }, together) => {
    const whole: Record<string, Tensor> = {};
    for (const name of together.inputs) {
      const { shape } = together.types.get(name)!;
      whole[name] = { ...feeds[name]!, shape };
    }
    const [single, all] = await Promise.all([referenceEngine.load(graph), referenceEngine.load(together)]);
    const [expected, actual] = await Promise.all([single.run(feeds, wanted), all.run(whole, wanted)]);
    for (const name of wanted) {
      expect([name, together.types.get(name)!.shape]).toEqual([name, [ROWS, ...graph.types.get(name)!.shape]]);
      expect(toFloat64(actual[name]!.data)).toBeClose(toFloat64(expected[name]!.data), { scale: 1e-12 });
    }
  });

  test('of which so many can be formed', () => {
    expect([cases.length, opCases(ROWS).length]).toEqual([426, 730]);
  });
});
