import { describe, expect, test } from 'vitest';
import { attribute } from '@pathwise/attribution';
import { isCut, splitEdge } from '@pathwise/graph';
import { float32, toFloat64 } from '@pathwise/model';
import { graphBuilder, graphModel, referenceEngine } from '@pathwise/ops';

// F = relu(2 x - 1)^2 + 3 x at x = 2 from 0: the block has 9, the skip connection 6, together F(x) - F(x') = 15.
const b = graphBuilder();
const x = b.input('x', [1, 1]);
const r = b.relu(b.sub(b.mul(x, 2), 1));
const block = b.mul(r, r, 'block');
const skip = b.mul(x, 3, 'skip');
const graph = b.build([b.add(block, skip, 'y')]);
const reader = graph.nodes.find(({ outputs }) => outputs.includes('skip'))!.name;

describe('splitEdge', () => {
  const { graph: split, edge } = splitEdge(graph, 'x', reader);
  const request = { inputs: { x: float32([1, 1], [2]) }, target: 0, steps: 200 };
  const conductance = async (layer: string[]) => {
    const a = await attribute(graphModel(split, referenceEngine), 'layer-conductance', { ...request, layer });
    return { ...a, values: layer.map((name) => toFloat64(a.attributions[name]!.data)[0]!) };
  };

  test('the block and the edge are a cut, and their conductances sum to the change of the target', async () => {
    expect(isCut(split, ['block', edge], ['x'], 'y')).toBe(true);
    const { values, complete, convergenceDelta } = await conductance(['block', edge]);
    expect(values).toBeClose([9, 6], { rtol: 1e-4 });
    expect(complete).toBe(true);
    expect(convergenceDelta).toBeClose([0], { atol: 1e-3 });
  });

  test('the tensor in place of the edge counts the block twice', async () => {
    expect(isCut(split, ['block', 'x'], ['x'], 'y')).toBe(false);
    const { values, complete } = await conductance(['block', 'x']);
    expect(values).toBeClose([9, 15], { rtol: 1e-4 });
    expect(complete).toBe(false);
  });

  test('nothing else changes: names, values, the graph that was given', async () => {
    const forward = await graphModel(split, referenceEngine).forward(request.inputs, ['y', 'block', 'skip', edge]);
    expect(Object.values(forward).map(({ data }) => data[0])).toEqual([15, 9, 6, 2]);
    expect(graph.types.has(edge)).toBe(false);
    expect(edge).toBe(`x->${reader}`);
    const again = splitEdge(split, edge, reader);
    expect(again.edge).toBe(`${edge}->${reader}`);
  });

  // Both operands of r * r are the edge: one tensor, so that the gradient by it is that of the square.
  test('a node that reads the tensor twice', async () => {
    const square = graph.nodes.find(({ outputs }) => outputs.includes('block'))!.name;
    const twice = splitEdge(graph, r, square);
    const { gradients } = await graphModel(twice.graph, referenceEngine).gradient({
      feeds: request.inputs,
      objective: { tensor: 'y', rows: [{ kind: 'linear', weights: Float64Array.of(1) }] },
      wrt: [twice.edge],
    });
    expect(gradients[twice.edge]!.data).toBeClose([6]);
  });

  test('errors name what is there', () => {
    expect(() => splitEdge(graph, 'x', 'nowhere')).toThrow('no node "nowhere"');
    expect(() => splitEdge(graph, 'block', reader)).toThrow(/does not read "block"; it reads "x"/);
  });
});
