import { describe, expect, test } from 'vitest';
import { attribute } from '@pathwise/attribution';
import { float32, float64, toFloat64 } from '@pathwise/model';
import type { Graph } from '@pathwise/graph';
import { graphBuilder, graphModel, referenceEngine } from '@pathwise/ops';
import { hiddenDummies, withZeroAdded } from './hidden-dummies.ts';

function network(): Graph {
  const b = graphBuilder();
  const x = b.input('x', [1, 3]);
  const h = b.emit('Tanh', [b.emit('MatMul', [x, b.constant(float32([3, 2], [1, 2, -1, 0.5, 3, -2]))])], {}, 'h');
  const z = b.emit('MatMul', [h, b.constant(float32([2, 2], [1, -1, 2, 0.5]))], {}, 'z');
  return b.build([b.emit('Softmax', [z], { axis: -1 }, 'y')]);
}
const row = float64([1, 3], [2, -4, 0]);

describe('hidden dummies', () => {
  const found = hiddenDummies(network(), 'x', 'z', row);

  test('are the largest elements, added with both signs', () => {
    expect(found.map(({ name, elements }) => [name, elements])).toEqual([
      ['+ relu(u) - (u + relu(-u))', [1]],
      ['- relu(u) - (u + relu(-u))', [1]],
      ['+ two implementations', [1, 0]],
      ['- two implementations', [1, 0]],
    ]);
  });

  test('leave the function with the elements at 0', async () => {
    const points = float64([3, 3], [2, -4, 0, -1, 3, 1, 5, 0.5, -2]);
    for (const { elements, graph } of found) {
      const frozen = toFloat64(points.data).map((value, i) => (elements.includes(i % 3) ? 0 : value));
      const expected = await (await referenceEngine.load(network())).run({ x: float64([3, 3], frozen) }, ['y', 'z']);
      const actual = await (await referenceEngine.load(graph)).run({ x: points }, ['y', 'z']);
      for (const name of ['y', 'z']) {
        expect(actual[name]?.data).toBeClose(expected[name]?.data as Float64Array, { rtol: 1e-14, atol: 1e-14 });
      }
    }
  });

  // Closed forms: DeepLIFT of f - g at (3, 1) from 0 is (-1/2, 1/2), here 3 times; at u < 0, guided backprop passes
  // the 3 of relu(-u) in 3 (relu(u) - u - relu(-u)) only with the sign that makes it positive. Gradients see nothing.
  test.each([
    ['deeplift-rescale', [0, 0, [-1.5, 1.5], [1.5, -1.5]]],
    ['guided-backprop', [-3, 0, null, null]],
    ['integrated-gradients', [0, 0, [0, 0], [0, 0]]],
  ] as const)('%s', async (method, expected) => {
    for (const [k, { elements, graph }] of found.entries()) {
      const model = graphModel(graph, referenceEngine);
      const { attributions } = await attribute(model, method, { inputs: { x: row }, target: 0, scale: 'logit' });
      const values = elements.map((i) => toFloat64((attributions['x'] as typeof row).data)[i] as number);
      const wanted = expected[k];
      // Without a multiplier for the difference: of guided backprop the second form is not worked out here.
      if (wanted !== null && wanted !== undefined) {
        expect(values).toBeClose(typeof wanted === 'number' ? [wanted] : [...wanted], { rtol: 1e-12, atol: 1e-12 });
      }
      model.dispose();
    }
  });

  test('need a node before the target', () => {
    expect(hiddenDummies(network(), 'x', 'x', row)).toEqual([]);
    expect(hiddenDummies(network(), 'x', 'absent', row)).toEqual([]);
  });
});

describe('two implementations of zero, added', () => {
  const [added] = withZeroAdded(network(), 'x', 'z', row);
  const gives = async (graph: Graph, method: string): Promise<number[]> => {
    const model = graphModel(graph, referenceEngine);
    const { attributions } = await attribute(model, method, { inputs: { x: row }, target: 0, scale: 'logit' });
    return Array.from(toFloat64((attributions['x'] as typeof row).data));
  };

  // DeepLIFT of f - g is (-1/2, 1/2) for its two elements, the largest first, here with a weight of 0.1.
  test('leave the function; DeepLIFT sees them, gradients and shares of F do not', async () => {
    const other = (added as { graph: Graph }).graph;
    const rescale = await gives(network(), 'deeplift-rescale');
    expect(await gives(other, 'deeplift-rescale')).toBeClose(
      rescale.map((v, i) => v + ([0.05, -0.05, 0][i] as number)),
      { rtol: 1e-12, atol: 1e-12 },
    );
    for (const method of ['gradient', 'shapley']) {
      expect(await gives(other, method)).toBeClose(await gives(network(), method), { rtol: 1e-12, atol: 1e-12 });
    }
  });

  test('need two elements, and a node before the target', () => {
    expect(withZeroAdded(network(), 'x', 'z', float64([1, 3], [0, 2, 0]))).toEqual([]);
    expect(withZeroAdded(network(), 'x', 'absent', row)).toEqual([]);
  });
});
