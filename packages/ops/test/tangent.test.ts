import { isFloat, sizeOf, toFloat64, type Tensor } from '@pathwise/model';
import { differentiate } from '@pathwise/graph';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { allOps, graphBuilder, graphModel, lowerGraph, ops, referenceEngine } from '../src/index.ts';
import { tangentGraph } from '../src/model/tangent-graph.ts';
import { singleNode } from './gradient-check.ts';
import { randomGraph } from './random-graph.ts';

/** Numbers without coincidences in [low, high]. */
const wave = (low: number, high: number): (() => number) => {
  let i = 0;
  return () => low + ((high - low) * (1 + Math.sin(1 + 7.3 * i++))) / 2;
};
const like = (shape: readonly number[], draw: () => number): Tensor => ({
  dtype: 'float32',
  shape,
  data: Float64Array.from({ length: sizeOf(shape) }, draw),
});
const dot = (a: Tensor, b: Tensor): number => {
  const [p, q] = [toFloat64(a.data), toFloat64(b.data)];
  return p.reduce((sum, v, i) => sum + v * q[i]!, 0);
};

/** <u, J v> and <J^T u, v> of a graph from `wrt` to its floating outputs. */
async function bothSides(
  graph: Parameters<typeof differentiate>[0],
  feeds: Record<string, Tensor>,
  wrt: readonly string[],
): Promise<[forward: number, backward: number]> {
  const targets = graph.outputs.filter((name) => isFloat(graph.types.get(name)!.dtype));
  const draw = wave(-1, 1);
  const u = Object.fromEntries(targets.map((name) => [name, like(graph.types.get(name)!.shape, draw)]));
  const v = Object.fromEntries(wrt.map((name) => [name, like(graph.types.get(name)!.shape, draw)]));
  const reverse = differentiate(lowerGraph(graph), { targets, wrt, ops });
  const gradients = wrt.flatMap((name) => reverse.gradients.get(name) ?? []);
  const seeds = Object.fromEntries(targets.map((name) => [reverse.seeds.get(name)!, u[name]!]));
  const back = await (await referenceEngine.load(reverse.graph)).run({ ...feeds, ...seeds }, gradients);
  const pushed = tangentGraph(graph, { fed: Object.keys(feeds), from: wrt, wanted: targets });
  const directions = Object.fromEntries([...pushed.seeds].map(([name, seed]) => [seed, v[name]!]));
  const given = Object.entries({ ...feeds, ...directions }).filter(([name]) => pushed.graph.inputs.includes(name));
  const ahead = await (await referenceEngine.load(pushed.graph)).run(Object.fromEntries(given), pushed.graph.outputs);
  const forward = targets.flatMap((name) => {
    const tangent = pushed.tangents.get(name);
    return tangent == null ? [] : [dot(u[name]!, ahead[tangent]!)];
  });
  const backward = wrt.flatMap((name) => {
    const gradient = reverse.gradients.get(name);
    return gradient == null ? [] : [dot(v[name]!, back[gradient]!)];
  });
  const sum = (terms: readonly number[]): number => terms.reduce((a, b) => a + b, 0);
  return [sum(forward), sum(backward)];
}

// Any Jacobian has <u, J v> = <J^T u, v>: the gradient of a gradient rule by its cotangent is the tangent of the op.
describe('tangents and gradients are adjoint', () => {
  const examples = allOps.flatMap((op) =>
    op.examples.map((example) => [`${op.name}: ${example.name}`, op, example] as const),
  );
  test.each(examples)('%s', async (_, op, { attrs = {}, inputs, outputs, domain = [-2, 2] }) => {
    const { forward: graph, feeds, wrt } = singleNode(op, attrs, inputs, wave(...domain), outputs);
    if (wrt.length === 0 || (op.vjp === undefined && op.lower === undefined)) return;
    const [forward, backward] = await bothSides(graph, feeds, wrt);
    expect(forward).toBeClose(backward, { rtol: 1e-10, atol: 1e-10 });
  });

  test('of random graphs', async () => {
    await fc.assert(
      fc.asyncProperty(randomGraph, async ({ graph, feeds }) => {
        const [forward, backward] = await bothSides(graph, feeds, ['x']);
        expect(forward).toBeClose(backward, { rtol: 1e-9, atol: 1e-9 });
      }),
      { numRuns: 100, seed: 4 },
    );
  });
});

describe('graphModel.tangent', () => {
  // h = tanh(a b), s = a + b + h.
  const b = graphBuilder();
  const [x, c] = [b.input('a', [1, 2]), b.input('b', [1, 2])];
  const h = b.tanh(b.mul(x, c), 'h');
  const model = graphModel(b.build([b.add(b.add(x, c), h, 's')]), referenceEngine);
  const row = (...values: number[]): Tensor => like([values.length / 2, 2], () => values.shift()!);
  const feeds = { a: row(1, 2, 0.5, -1), b: row(0.5, 0, -1, 1) };

  test('every row along its own direction', async () => {
    const { h: th, s: ts } = await model.tangent!({ feeds, tangents: { a: row(1, 1, 0, 2) }, wanted: ['h', 's'] });
    const slope = (p: number, q: number): number => (1 - Math.tanh(p * q) ** 2) * q;
    const expected = [slope(1, 0.5), slope(2, 0), 0, 2 * slope(-1, 1)];
    expect(th!.shape).toEqual([2, 2]);
    expect(th!.data).toBeClose(expected, { rtol: 1e-13 });
    expect(ts!.data).toBeClose([1 + expected[0]!, 1 + expected[1]!, 0, 2 + expected[3]!], { rtol: 1e-13 });
  });

  // Both directions add up, although the two gradients of a sum are one tensor.
  test('several tensors move together; one that does not move gives zeros', async () => {
    const both = { a: row(1, 0, 0, 0), b: row(2, 0, 0, 3) };
    const { s } = await model.tangent!({ feeds: { ...feeds, h: row(0, 0, 0, 0) }, tangents: both, wanted: ['s'] });
    expect(s!.data).toBeClose([3, 0, 0, 3]);
    const still = await model.tangent!({ feeds: { ...feeds, h: row(0, 0, 0, 0) }, tangents: both, wanted: ['h'] });
    expect(still['h']!.data).toBeClose([0, 0, 0, 0]);
  });

  test('the moving tensor itself is wanted', async () => {
    const { a } = await model.tangent!({ feeds, tangents: { a: row(1, 2, 3, 4) }, wanted: ['a'] });
    expect(a!.data).toBeClose([1, 2, 3, 4]);
  });
});
