import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { float32, type Outputs } from '@pathwise/model';
import { differentiate, foldConstants, mergeCommonSubexpressions, removeDeadNodes, type Graph } from '@pathwise/graph';
import {
  foldBatchNorm,
  graphBuilder,
  lowerGraph,
  ops,
  optimize,
  referenceEngine,
  removeIdentities,
} from '../src/index.ts';
import { randomGraph, type RandomGraph } from './random-graph.ts';

type Pass = (graph: Graph, keep?: readonly string[]) => Graph;

const PASSES: readonly (readonly [string, Pass])[] = [
  ['removeDeadNodes', removeDeadNodes],
  ['foldConstants', (graph) => foldConstants(graph, ops)],
  ['mergeCommonSubexpressions', mergeCommonSubexpressions],
  ['removeIdentities', removeIdentities],
  ['foldBatchNorm', foldBatchNorm],
  ['optimize', optimize],
];

/** Rounding of some dozen float64 operations on values of order 1; batch norms are folded in another order. */
const ROUNDING = { scale: 1e-11, atol: 1e-13 };

async function evaluate(graph: Graph, feeds: RandomGraph['feeds'], wanted: readonly string[]): Promise<Outputs> {
  const engine = await referenceEngine.load(graph);
  return engine.run(feeds, wanted);
}

/** Every tensor is read after it is made, has a type, and no name is made twice. */
function expectWellFormed(graph: Graph): void {
  const known = new Set([...graph.inputs, ...graph.constants.keys(), '']);
  for (const node of graph.nodes) {
    for (const input of node.inputs) expect(known.has(input), `${node.name} reads ${input}`).toBe(true);
    for (const output of node.outputs) {
      if (output === '') continue;
      expect(known.has(output), `${output} is made twice`).toBe(false);
      expect(graph.types.has(output)).toBe(true);
      known.add(output);
    }
  }
  for (const output of graph.outputs) expect(known.has(output)).toBe(true);
}

/** A random graph and some of its computed tensors. */
const withKept = fc
  .tuple(randomGraph, fc.array(fc.nat(30), { maxLength: 3 }))
  .map(([random, picks]): [RandomGraph, string[]] => [
    random,
    [...new Set(picks.map((i) => random.computed[i % random.computed.length]))],
  ]);

describe.each(PASSES)('%s', (_name, pass) => {
  test('keeps the values of outputs and kept tensors', async () => {
    await fc.assert(
      fc.asyncProperty(withKept, async ([{ graph, feeds }, keep]) => {
        const after = pass(graph, keep);
        expectWellFormed(after);
        expect(after.inputs).toEqual(graph.inputs);
        expect(after.outputs).toEqual(graph.outputs);
        const wanted = [...new Set([...graph.outputs, ...keep])];
        const [expected, actual] = [await evaluate(graph, feeds, wanted), await evaluate(after, feeds, wanted)];
        for (const name of wanted) {
          expect(actual[name].shape).toEqual(expected[name].shape);
          expect(actual[name].data).toBeClose(expected[name].data as Float64Array, ROUNDING);
        }
      }),
      { numRuns: 60, seed: 7 },
    );
  });

  test('changes nothing the second time', () => {
    fc.assert(
      fc.property(withKept, ([{ graph }, keep]) => {
        const once = pass(graph, keep);
        const twice = pass(once, keep);
        expect(twice.nodes).toEqual(once.nodes);
        expect([...twice.constants.keys()]).toEqual([...once.constants.keys()]);
      }),
      { numRuns: 60, seed: 8 },
    );
  });

  // A kept tensor may be what a gradient is taken by: not only its value but also its influence must stay.
  test('keeps the gradient by kept tensors', async () => {
    await fc.assert(
      fc.asyncProperty(withKept, async ([{ graph, feeds }, kept]) => {
        const target = graph.outputs.at(-1)!;
        const keep = kept.filter((name) => graph.types.get(name)!.dtype === 'float32');
        const gradients = async (g: Graph): Promise<(Float64Array | null)[]> => {
          const derived = differentiate(lowerGraph(g), { targets: [target], wrt: keep, ops });
          const seed = float32(graph.types.get(target)!.shape, [...feeds['x']!.data].slice(0).map(Number));
          const fed = { ...feeds, [derived.seeds.get(target)!]: seed };
          const names = keep.map((name) => derived.gradients.get(name) ?? null);
          const wanted = names.filter((name) => name !== null);
          const values = await evaluate(derived.graph, fed, [...new Set(wanted)]);
          return names.map((name) => (name === null ? null : (values[name].data as Float64Array)));
        };
        const [expected, actual] = [await gradients(graph), await gradients(pass(graph, keep))];
        for (const i of keep.keys()) {
          const zeros = new Float64Array((expected[i] ?? actual[i])?.length ?? 0);
          expect(actual[i] ?? zeros).toBeClose(expected[i] ?? zeros, { scale: 1e-9, atol: 1e-11 });
        }
      }),
      { numRuns: 60, seed: 9 },
    );
  });
});

describe('what the passes remove', () => {
  test('dead nodes and constants', () => {
    const b = graphBuilder();
    const x = b.input('x', [1, 2]);
    const y = b.relu(x, 'y');
    b.mul(b.tanh(x), float32([2], [1, 2]), 'dead');
    const graph = removeDeadNodes(b.build([y]));
    expect(graph.nodes.map((node) => node.op)).toEqual(['Relu']);
    expect(graph.constants.size).toBe(0);
    expect([...graph.types.keys()]).toEqual(['x', 'y']);
    expect(removeDeadNodes(b.build([y]), ['dead']).nodes).toHaveLength(3);
  });

  test('equal nodes and constants, but not across kept tensors', () => {
    const b = graphBuilder();
    const x = b.input('x', [1, 2]);
    const first = b.mul(x, float32([2], [1, 2]), 'first');
    const second = b.mul(x, float32([2], [1, 2]), 'second');
    const graph = b.build([b.add(b.tanh(first), b.tanh(second), 'sum')]);
    const merged = removeDeadNodes(mergeCommonSubexpressions(graph));
    expect(merged.nodes.map((node) => [node.op, ...node.inputs])).toEqual([
      ['Mul', 'x', merged.nodes[0].inputs[1]],
      ['Tanh', 'first'],
      ['Add', merged.nodes[1].outputs[0], merged.nodes[1].outputs[0]],
    ]);
    expect(merged.constants.size).toBe(1);
    expect(mergeCommonSubexpressions(graph, ['second']).nodes).toHaveLength(graph.nodes.length);
  });

  test('attributes tell nodes apart', () => {
    const b = graphBuilder();
    const x = b.input('x', [1, 2, 2]);
    const graph = b.build([b.concat([b.transpose(x, [0, 2, 1]), b.transpose(x, [0, 1, 2])], 0)]);
    expect(mergeCommonSubexpressions(graph).nodes).toHaveLength(3);
  });

  test('identities: an output takes over the name', () => {
    const b = graphBuilder();
    const hidden = b.relu(b.input('x', [1, 2]), 'hidden');
    b.emit('Identity', [hidden], {}, 'y');
    const graph = removeIdentities(b.build(['y']));
    expect(graph.nodes.map((node) => [node.op, ...node.outputs])).toEqual([['Relu', 'y']]);
    expect(removeIdentities(b.build(['y']), ['hidden']).nodes).toHaveLength(2);
  });

  test('but not where that would give a kept tensor other readers', () => {
    const b = graphBuilder();
    const hidden = b.relu(b.input('x', [1, 2]));
    const y = b.emit('Identity', [hidden], {}, 'y');
    const graph = b.build([b.mul(hidden, b.tanh(y))]);
    expect(removeIdentities(graph, ['y']).nodes).toHaveLength(4);
    expect(removeIdentities(graph).nodes).toHaveLength(3);
  });

  test('a batch normalization after a convolution, unless the tensor between is kept', () => {
    const b = graphBuilder();
    const x = b.input('x', [1, 1, 2, 2]);
    const conv = b.conv(x, float32([1, 1, 1, 1], [3]), float32([1], [1]), {}, 'conv');
    const parameters = [4, 0.5, 2, 3].map((value) => b.constant(float32([1], [value])));
    b.emit('BatchNormalization', [conv, ...parameters], { epsilon: 1 }, 'y');
    const graph = removeDeadNodes(foldBatchNorm(b.build(['y'])));
    expect(graph.nodes.map((node) => [node.op, ...node.outputs])).toEqual([['Conv', 'y']]);
    // scale = 4 / sqrt(3 + 1) = 2: weight 3 * 2, bias (1 - 2) * 2 + 0.5
    expect(graph.constants.get(graph.nodes[0].inputs[1])!.data).toBeClose([6]);
    expect(graph.constants.get(graph.nodes[0].inputs[2])!.data).toBeClose([-1.5]);
    expect(foldBatchNorm(b.build(['y']), ['conv']).nodes).toHaveLength(2);
  });
});
