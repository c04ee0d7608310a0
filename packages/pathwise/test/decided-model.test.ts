import { describe, expect, test } from 'vitest';
import { float32, randomUniform, streams, toFloat64, type Tensor } from '@pathwise/model';
import type { Graph } from '@pathwise/graph';
import { graphModel } from '@pathwise/ops';
import { wasmEngine } from '@pathwise/wasm';
import { explainer, graphBuilder } from '../src/index.ts';

const ROWS = 400;

/** relu(w x) of rows for which w x is nothing but what rounding leaves, beside a unit that is large. */
function undecided(): { graph: Graph; x: Tensor } {
  const b = graphBuilder();
  const weights = [0.7, -0.3, 0.9, 0.2, 1];
  const columns = weights.flatMap((weight, k) => [weight, k < 4 ? 1 : 0]);
  const graph = b.build([b.relu(b.matmul(b.input('x', [1, 5]), float32([5, 2], columns)))]);
  const rows = Array.from({ length: ROWS }, (_, i) => {
    const row = Array.from({ length: 4 }, (_, k) => randomUniform(3, streams.noise, { row: i, element: k }));
    return [...row, -row.reduce((sum, value, k) => sum + Math.fround(value) * Math.fround(weights[k]!), 0)];
  });
  return { graph, x: float32([ROWS, 5], rows.flat()) };
}

describe('where float32 cannot decide', () => {
  const { graph, x } = undecided();
  const request = { method: 'gradient', target: 0 } as const;
  const explain = async (engine: 'wasm' | 'reference'): Promise<Float64Array> => {
    const { attributions } = await (await explainer(graph, { engine }))({ x }, request);
    return toFloat64(attributions['x']!.data);
  };

  test('gradients on the wasm engine are those of float64, which float32 by itself gets wrong', async () => {
    const reference = await explain('reference');
    expect(await explain('wasm')).toBeClose(reference, { scale: 1e-6 });
    const { gradients } = await graphModel(graph, wasmEngine).gradient({
      feeds: { x },
      objective: { tensor: graph.outputs[0]!, rows: [{ kind: 'linear', weights: Float64Array.of(1, 0) }] },
      wrt: ['x'],
    });
    expect(() => expect(toFloat64(gradients['x']!.data)).toBeClose(reference, { scale: 1e-6 })).toThrow(/difference/u);
  });

  test.each([1, 2])('sums along paths, the same for any number of workers: %i', async (workers) => {
    const options = { target: 0, steps: 20, quadrature: 'midpoint', baseline: 'zeros' } as const;
    const reference = await (await explainer(graph, { engine: 'reference' }))({ x }, options);
    const alone = await (await explainer(graph, { engine: 'wasm' }))({ x }, options);
    const explain = await explainer(graph, { engine: 'wasm', workers });
    const actual = await explain({ x }, options);
    expect(actual.attributions['x']!.data).toEqual(alone.attributions['x']!.data);
    expect(toFloat64(actual.attributions['x']!.data)).toBeClose(toFloat64(reference.attributions['x']!.data), {
      scale: 1e-6,
    });
    // Each point counts once, whoever evaluates it.
    expect(actual.evaluations.gradient).toBe(20 * ROWS);
    explain.dispose();
  });
});
