import { describe, expect, test } from 'vitest';
import { splitAffinePrefix } from '@pathwise/graph';
import { float32, float64, toFloat64, type Feeds } from '@pathwise/model';
import { graphBuilder, ops, referenceEngine } from '../index.ts';
import type { Graph } from '@pathwise/graph';

/** y = relu(2x + 1) * s + (2x + 1), with s an input that does not move. */
function gated(): Graph {
  const b = graphBuilder();
  const x = b.input('x', [1, 2]);
  const s = b.input('s', [1, 2]);
  const z = b.add(b.mul(x, 2), 1, 'z');
  return b.build([b.add(b.mul(b.relu(z), s), z, 'y')]);
}

async function run(graph: Graph, feeds: Feeds): Promise<Record<string, number[]>> {
  const executable = await referenceEngine.load(graph);
  const outputs = await executable.run(feeds, graph.outputs);
  return Object.fromEntries(Object.entries(outputs).map(([name, t]) => [name, [...toFloat64(t.data)]]));
}

describe('splitAffinePrefix', () => {
  test('the two parts give what the whole gives; the prefix is affine', async () => {
    const { prefix, head, frontier } = splitAffinePrefix(gated(), { moving: ['x'], target: 'y', ops });
    expect(frontier).toEqual(['z']);
    const s = float32([1, 2], [3, -1]);
    const x = float32([1, 2], [1, -4]);
    const z = (await run(prefix, { x }))['z'] ?? [];
    expect(z).toBeClose([3, -7]);
    expect((await run(head, { z: float64([1, 2], z), s }))['y']).toBeClose((await run(gated(), { x, s }))['y'] ?? []);
  });

  test('nothing is affine before a ReLU of the input', () => {
    const b = graphBuilder();
    const graph = b.build([b.relu(b.input('x', [1, 1]), 'y')]);
    const { prefix, frontier } = splitAffinePrefix(graph, { moving: ['x'], target: 'y', ops });
    expect([frontier, prefix.nodes]).toEqual([['x'], []]);
  });

  test('a linear model is all prefix', () => {
    const b = graphBuilder();
    const graph = b.build([b.mul(b.input('x', [1, 1]), 3, 'y')]);
    const { head, frontier } = splitAffinePrefix(graph, { moving: ['x'], target: 'y', ops });
    expect([frontier, head.nodes]).toEqual([['y'], []]);
  });
});
