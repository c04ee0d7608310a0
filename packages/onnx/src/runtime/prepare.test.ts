import { describe, expect, test } from 'vitest';
import { float32, toFloat64 } from '@pathwise/model';
import { graphBuilder, referenceEngine } from '@pathwise/ops';
import { prepare } from './prepare.ts';

describe('graphs as ONNX Runtime likes them', () => {
  test('local response normalization goes without a power', async () => {
    const b = graphBuilder();
    const graph = b.build([b.emit('LRN', [b.input('x', [1, 5, 1, 2])], { size: 3, alpha: 0.5 }, 'y')]);
    const prepared = prepare(graph, 'none');
    const ops = prepared.nodes.map(({ op }) => op);
    expect(ops).toEqual(expect.arrayContaining(['AveragePool', 'Sqrt']));
    expect(ops).not.toContain('Pow');
    expect(ops).not.toContain('LRN');
    const feeds = { x: float32([1, 5, 1, 2], [1, -2, 3, 0.5, -1, 2, 0, 1, -3, 0.25]) };
    const [before, after] = await Promise.all(
      [graph, prepared].map(async (g) =>
        toFloat64((await (await referenceEngine.load(g)).run(feeds, ['y']))['y']!.data),
      ),
    );
    expect(after).toBeClose(before!, { rtol: 1e-12 });
  });

  // x = 16: closed forms.
  test.each([
    [0.25, 2, 2],
    [0.5, 4, 1],
    [0.75, 8, 3],
    [-0.5, 0.25, 2],
    [-0.75, 0.125, 4],
  ])('16 to the power of %d is %d, in %i nodes', async (exponent, expected, nodes) => {
    const b = graphBuilder();
    const graph = prepare(b.build([b.pow(b.input('x', [1]), exponent, 'y')]), 'none');
    expect(graph.nodes).toHaveLength(nodes);
    expect(graph.nodes.some(({ op }) => op === 'Pow')).toBe(false);
    const { y } = await (await referenceEngine.load(graph)).run({ x: float32([1], [16]) }, ['y']);
    expect(toFloat64(y!.data)).toBeClose([expected], { rtol: 1e-12 });
  });

  test.each([2, 0.3, 1.25])('powers of %d stay', (exponent) => {
    const b = graphBuilder();
    const graph = prepare(b.build([b.pow(b.input('x', [1]), exponent)]), 'none');
    expect(graph.nodes.map(({ op }) => op)).toEqual(['Pow']);
  });

  // Kernel 1 and stride 2 on 4 pixels: the third window would start behind the end.
  test.each([
    [4, 0],
    [6, 1],
  ])('of ceil_mode on %i pixels, %i is left', (size, left) => {
    const b = graphBuilder();
    const kernel = size === 4 ? 1 : 3;
    const pooled = b.maxPool(b.input('x', [1, 1, size]), [kernel], { strides: [2], ceil_mode: 1 });
    expect(prepare(b.build([pooled]), 'none').nodes[0]?.attrs['ceil_mode']).toBe(left);
  });
});
