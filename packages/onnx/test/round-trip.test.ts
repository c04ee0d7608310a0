import { describe, expect, test } from 'vitest';
import { toFloat64, type Feeds } from '@pathwise/model';
import type { Engine, Graph } from '@pathwise/graph';
import { graphBuilder, graphModel, referenceEngine } from '@pathwise/ops';
import { readOnnx, writeOnnx } from '../src/index.ts';
import { firstGradient, networkFiles, openNetwork } from './networks.ts';
import { opCases, plainCases } from './op-files.ts';

/** Constants and attributes are rounded to float32 in the file. */
const ROUNDING = { scale: 1e-6 };

/** The graph, by way of a file. */
function throughFile(graph: Graph): Graph {
  return readOnnx(writeOnnx(graph), { batched: false }).graph({});
}

async function expectSame(graph: Graph, feeds: Feeds, wanted: readonly string[]): Promise<void> {
  const read = throughFile(graph);
  expect(read.inputs).toEqual(graph.inputs);
  expect(read.outputs).toEqual(graph.outputs);
  const [before, after] = await Promise.all([referenceEngine.load(graph), referenceEngine.load(read)]);
  const [expected, actual] = await Promise.all([before.run(feeds, wanted), after.run(feeds, wanted)]);
  for (const name of wanted) {
    const [a, b] = [actual[name]!, expected[name]!];
    expect([name, a.dtype, a.shape]).toEqual([name, b.dtype, b.shape]);
    expect(toFloat64(a.data)).toBeClose(toFloat64(b.data), ROUNDING);
  }
}

describe('what is written and read again computes the same', () => {
  test.each([...opCases(1), ...plainCases()])('%s', async (_name, { graph, feeds, wanted }) => {
    await expectSame({ ...graph, outputs: wanted }, feeds, wanted);
  });

  for (const file of networkFiles) {
    test.skipIf(!file.present)(`${file.name}, forward and gradient`, { timeout: 120_000 }, async () => {
      const { source, feeds } = openNetwork(file);
      // An engine whose graphs all go through a file.
      const viaFiles: Engine = {
        ...referenceEngine,
        load: (graph, options) => referenceEngine.load(throughFile(graph), options),
      };
      const [straight, through] = [referenceEngine, viaFiles].map((engine) => graphModel(source, engine));
      const output = source.outputs[0]!.name;
      const expected = (await straight!.forward(feeds, [output]))[output]!;
      const actual = (await through!.forward(feeds, [output]))[output]!;
      expect(toFloat64(actual.data)).toBeClose(toFloat64(expected.data), ROUNDING);
      const by = straight!.inputs[0]!.attributedAt!;
      const [a, b] = await Promise.all(
        [through, straight].map((model) => model!.gradient(firstGradient(feeds, output, expected, by))),
      );
      expect(toFloat64(a!.gradients[by]!.data)).toBeClose(toFloat64(b!.gradients[by]!.data), ROUNDING);
    });
  }
});

test('a file says the oldest operator set, from 21 on, that has its ops', () => {
  const b = graphBuilder();
  const x = b.input('x', [1, 3]);
  const plain = b.build([b.relu(x)], 'plain');
  const later = b.build([b.emit('Swish', [x])], 'later');
  // Field 8 is the operator set (its version is field 2), field 1 the version of the format: onnx.proto.
  const versions = (graph: Graph): number[] => [...writeOnnx(graph)].slice(0, 2);
  expect([versions(plain), versions(later)]).toEqual([
    [0x08, 10],
    [0x08, 12],
  ]);
  expect(
    readOnnx(writeOnnx(later))
      .graph({})
      .nodes.map(({ op }) => op),
  ).toEqual(['Swish']);
});

test('an op that the format does not have is refused', () => {
  const b = graphBuilder();
  const graph = b.build([b.relu(b.input('x', [1]))]);
  const nodes = graph.nodes.map((node) => ({ ...node, op: 'Nothing' }));
  expect(() => writeOnnx({ ...graph, nodes })).toThrowErrorMatchingInlineSnapshot(
    `[PathwiseError: node "Relu_0" (Nothing): this op cannot be written to an .onnx file]`,
  );
});
