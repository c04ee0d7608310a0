import { describe, expect, test } from 'vitest';
import { isFloat, sizeOf, type Feeds, type Tensor } from '@pathwise/model';
import { allOps, lowerGraph, ops, referenceEngine } from '../src/index.ts';
import { isShape } from './generators/generated-case.ts';

// An op that is lowered has two evaluations, its own and that of the simpler ops: they must agree.
describe.each(allOps.filter((op) => op.lower !== undefined).map((op) => [op.name, op] as const))('%s', (_name, op) => {
  test.each(op.examples.map((example) => [example.name, example] as const))(
    'lowered as evaluated: %s',
    async (_label, example) => {
      let state = 1;
      // A Lehmer generator, uniform in [-1, 1).
      const draw = (): number => (state = (state * 48271) % 0x7fffffff) / 0x40000000 - 1;
      const b = ops.builder();
      const feeds: Record<string, Tensor> = {};
      const refs = example.inputs.map((input, i) => {
        if (input === null) return null;
        if (!isShape(input)) return b.constant(input);
        const name = b.input(`x${i}`, input);
        feeds[name] = { dtype: 'float32', shape: input, data: Float64Array.from({ length: sizeOf(input) }, draw) };
        return name;
      });
      const outputs = Array.from({ length: example.outputs ?? 1 }, (_, i) => `y${i}`);
      b.apply(op.name, refs, example.attrs ?? {}, { outputs });
      const graph = b.build(outputs);
      const lowered = lowerGraph(graph, (node) => node.op === op.name);
      expect(lowered.nodes.some((node) => node.op === op.name)).toBe(false);
      const run = async (g: typeof graph, given: Feeds): Promise<Record<string, Tensor>> =>
        (await referenceEngine.load(g, {})).run(given, outputs);
      const [own, simpler] = [await run(graph, feeds), await run(lowered, feeds)];
      for (const output of outputs) {
        expect(simpler[output]!.shape).toEqual(own[output]!.shape);
        if (!isFloat(own[output]!.dtype)) continue;
        expect(own[output]!.data).toBeClose(simpler[output]!.data, { rtol: 1e-12, atol: 1e-13 });
      }
    },
  );
});
