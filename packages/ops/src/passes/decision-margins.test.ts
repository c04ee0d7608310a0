import { expect, test } from 'vitest';
import { float32, toFloat64, type Tensor } from '@pathwise/model';
import type { Graph } from '@pathwise/graph';
import { graphBuilder, graphModel, referenceEngine } from '../index.ts';
import { withDecisionMargins } from './decision-margins.ts';

async function marginsOf(graph: Graph, x: Tensor): Promise<number[]> {
  const added = withDecisionMargins(graph);
  const model = graphModel(added.graph, referenceEngine);
  const outputs = await model.forward({ x }, [...added.margins.values()]);
  return Object.values(outputs).flatMap(({ data }) => [...toFloat64(data)]);
}

test('a rectifier: the smallest distance from 0, relative to the largest value, row by row', async () => {
  const b = graphBuilder();
  const graph = b.build([b.relu(b.input('x', [1, 3]))]);
  expect(await marginsOf(graph, float32([3, 3], [2, -0.5, 1, 4, 3, -8, 0, 1, 2]))).toEqual([0.25, 0.375, 0]);
});

test('a clip: the smallest distance from either end', async () => {
  const b = graphBuilder();
  const graph = b.build([b.emit('Clip', [b.input('x', [1, 2]), b.ref(0), b.ref(6)])]);
  expect(await marginsOf(graph, float32([2, 2], [8, 4, -8, 7]))).toEqual([0.25, 0.125]);
});

test('max pooling: the smallest gap between the two largest of a window; windows of zeros are certain', async () => {
  const b = graphBuilder();
  const graph = b.build([b.maxPool(b.input('x', [1, 1, 2, 4]), [2, 2], { strides: [2, 2] })]);
  const rows = [
    [4, 3, 8, 1, 1, 0, 2, 2],
    [0, 0, 8, 1, 0, 0, 2, 2],
    [5, 5, 8, 1, 0, 0, 2, 2],
  ];
  // Gaps 1 and 6; none and 6; 0 and 6
  expect(await marginsOf(graph, float32([3, 1, 2, 4], rows.flat()))).toEqual([0.125, 0.75, 0]);
});

test('max pooling with padding, strides and a last window that hangs over', async () => {
  const b = graphBuilder();
  const attrs = { strides: [2, 2], pads: [1, 1, 0, 0], ceil_mode: 1 };
  const graph = b.build([b.maxPool(b.input('x', [1, 1, 4, 4]), [3, 3], attrs)]);
  // All negative: padding must not win. Windows over rows and columns {0, 1}, {1, 2, 3}, {3}: the last holds one place.
  const x = Array.from({ length: 16 }, (_, i) => -16 + i);
  expect(await marginsOf(graph, float32([1, 1, 4, 4], x))).toEqual([1 / 16]);
});

test('what the graph computes stays the same, and what has no margin stays without', () => {
  const b = graphBuilder();
  const graph = b.build([b.tanh(b.input('x', [1, 2]))]);
  const added = withDecisionMargins(graph);
  expect(added.margins.size).toBe(0);
  expect(added.graph.outputs).toEqual(graph.outputs);
});
