import { describe, expect, test } from 'vitest';
import { float32, toFloat64, type Feeds, type Tensor } from '@pathwise/model';
import type { Graph } from '@pathwise/graph';
import { graphBuilder, graphModel, referenceEngine, withActivationPattern } from '../index.ts';

const INPUT = float32([1, 1, 4, 4], [1, -2, 3, 0.5, -1, 4, -0.25, 2, 0.75, -3, 1.5, -0.5, 2.5, -1.5, 0.1, 6]);

/** All ops whose pieces are known, one after the other. */
function network(): Graph {
  const b = graphBuilder();
  let h = b.input('x', [1, 1, 4, 4]);
  h = b.emit('LeakyRelu', [h], { alpha: 0.25 });
  h = b.emit('PRelu', [b.sub(h, 0.1), b.scalar(0.5)]);
  h = b.emit('Clip', [b.mul(h, h), b.scalar(0.2), b.scalar(9)]);
  h = b.emit('MaxPool', [h], { kernel_shape: [2, 2], strides: [1, 2], pads: [1, 0, 0, 0] });
  h = b.relu(b.sub(h, 1));
  h = b.mul(b.mul(h, b.emit('ReduceMax', [h, b.ints([-1])])), b.emit('GlobalMaxPool', [h]));
  return b.build([b.emit('ReduceSum', [b.mul(h, h)], { keepdims: 0 })]);
}

async function gradient(graph: Graph, feeds: Feeds): Promise<Float64Array> {
  const { gradients } = await graphModel(graph, referenceEngine).gradient({
    feeds,
    objective: { tensor: graph.outputs[0]!, rows: [{ kind: 'linear', weights: Float64Array.of(1) }] },
    wrt: ['x'],
  });
  return toFloat64(gradients['x']!.data);
}

describe('withActivationPattern', () => {
  test('fed with the tensors of the graph itself, the gradient is its own', async () => {
    const graph = network();
    const { graph: patterned, deciding } = withActivationPattern(graph);
    expect(deciding.size).toBe(6);
    const tensors = await graphModel(graph, referenceEngine).forward({ x: INPUT }, [...deciding.keys()]);
    const decided = [...deciding].map(([tensor, name]): [string, Tensor] => [name, tensors[tensor]!]);
    const own = await gradient(graph, { x: INPUT });
    expect(own.filter((value) => value !== 0).length).toBeGreaterThan(2);
    expect(await gradient(patterned, { x: INPUT, ...Object.fromEntries(decided) })).toBeClose(own);
  });

  test.each([
    { op: 'Relu', attrs: {}, more: [], x: [1, -1e-9], decided: [1, 1e-9], expected: [1, 1] },
    { op: 'Relu', attrs: {}, more: [], x: [1, 1e-9], decided: [1, -1e-9], expected: [1, 0] },
    { op: 'LeakyRelu', attrs: { alpha: 0.1 }, more: [], x: [1, -1e-9], decided: [-1e-9, 1], expected: [0.1, 1] },
    { op: 'PRelu', attrs: {}, more: [0.3], x: [1, -1e-9], decided: [-1e-9, 1], expected: [0.3, 1] },
    { op: 'Clip', attrs: {}, more: [0, 1], x: [0.9, 0.1], decided: [1.1, -0.1], expected: [0, 0] },
    { op: 'Clip', attrs: {}, more: [0, 1], x: [1.1, -0.1], decided: [0.9, 0.1], expected: [1, 1] },
  ])('$op at $x decides as at $decided', async ({ op, attrs, more, x, decided, expected }) => {
    const b = graphBuilder();
    const y = b.emit(op, [b.input('x', [1, 2]), ...more.map((value) => b.scalar(value))], attrs);
    const { graph, deciding } = withActivationPattern(b.build([b.emit('ReduceSum', [y], { keepdims: 0 })]));
    const feeds = { x: float32([1, 2], x), [deciding.get('x')!]: float32([1, 2], decided) };
    expect(await gradient(graph, feeds)).toBeClose(expected);
  });

  test.each([
    { op: 'MaxPool', attrs: { kernel_shape: [2, 2] } },
    { op: 'GlobalMaxPool', attrs: {} },
    { op: 'ReduceMax', attrs: { keepdims: 0 } },
  ])('$op takes the place that is fed', async ({ op, attrs }) => {
    const b = graphBuilder();
    const y = b.emit(op, [b.input('x', [1, 1, 2, 2])], attrs);
    const { graph, deciding } = withActivationPattern(b.build([b.emit('ReduceSum', [y], { keepdims: 0 })]));
    const feeds = { x: float32([1, 1, 2, 2], [1, 2, 3, 4]), [deciding.get('x')!]: float32([1, 1, 2, 2], [4, 5, 3, 1]) };
    expect(await gradient(graph, feeds)).toBeClose([0, 1, 0, 0]);
  });

  test('an op whose pieces are not known is refused by name', () => {
    const b = graphBuilder();
    const graph = b.build([b.emit('Abs', [b.input('x', [1, 2])], {}, 'size')]);
    expect(() => withActivationPattern(graph)).toThrow(expect.objectContaining({ code: 'UNSUPPORTED_OP' }) as Error);
    expect(() => withActivationPattern(graph)).toThrow('node "size" (Abs)');
  });
});
