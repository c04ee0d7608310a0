import { describe, expect, test } from 'vitest';
import { float64, type Feeds, type Objective, type Tensor } from '@pathwise/model';
import type { Graph } from '@pathwise/graph';
import { graphBuilder, graphModel, referenceEngine } from '../index.ts';

const [STEPS, FEATURES, HIDDEN] = [3, 2, 2];

/** Numbers without a pattern that could hide a mistake; shape [..., ...]. */
const draw = (shape: readonly number[], seed: number): Tensor =>
  float64(
    shape,
    Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => Math.sin(12.9 * (i + 1) + seed)),
  );

/** An LSTM behind a matrix; y is its last state. */
function recurrent(): Graph {
  const b = graphBuilder();
  const x = b.input('x', [1, STEPS, FEATURES]);
  const z = b.matmul(x, draw([FEATURES, FEATURES], 1), 'z');
  const [, last] = b.apply(
    'LSTM',
    [
      b.transpose(z, [1, 0, 2]),
      b.constant(draw([1, 4 * HIDDEN, FEATURES], 2)),
      b.constant(draw([1, 4 * HIDDEN, HIDDEN], 3)),
      b.constant(draw([1, 8 * HIDDEN], 4)),
    ],
    { hidden_size: HIDDEN },
    { outputs: ['', 'last'] },
  );
  return b.build([b.reshape(last, [1, HIDDEN], 'y')]);
}

const objective: Objective = { tensor: 'y', rows: [{ kind: 'linear', weights: Float64Array.of(1, -2) }] };

describe('the affine part of a recurrent layer', () => {
  const model = graphModel(recurrent(), referenceEngine);
  const x = draw([2, STEPS, FEATURES], 5);
  const structure = model.structure({ x });
  const frontier = structure.affineFrontier(['x'], 'y');

  test('ends at the sums of the gates, which are no tensors of the graph itself', () => {
    expect(frontier.length).toBeGreaterThanOrEqual(STEPS);
    for (const name of frontier) {
      expect(structure.tensors).not.toContain(name);
      expect(structure.tensor(name)?.dtype).toBe('float32');
    }
  });

  test('gives F and, pulled back, the gradient by the input', async () => {
    const feeds: Feeds = await model.forward({ x }, frontier);
    const there = await model.gradient({ feeds, objective, wrt: frontier });
    const direct = await model.gradient({ feeds: { x }, objective, wrt: ['x'] });
    expect(there.values).toBeClose(direct.values, { rtol: 1e-12 });
    const { x: pulled } = await model.pullback({ feeds: { x }, cotangents: there.gradients, wrt: ['x'] });
    expect(pulled?.shape).toEqual([2, STEPS, FEATURES]);
    expect(pulled?.data).toBeClose(direct.gradients['x']?.data as Float64Array, { rtol: 1e-12, scale: 1e-12 });
  });
});
