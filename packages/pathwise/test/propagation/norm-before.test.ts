import { attribute } from '@pathwise/attribution';
import { float64, toFloat64, type DifferentiableModel } from '@pathwise/model';
import { graphBuilder, graphModel, referenceEngine } from '@pathwise/ops';
import { expect, test } from 'vitest';

// x -> (2 x0 + 1, -x1 + 3) -> relu(3 z0 + z1 - 6). By hand the weights become (6, -1) and the bias 3 + 3 - 6 = 0, so that all of F
// is given out: F = 6 - 2 = 4 at (1, 2).
const written = (): DifferentiableModel => {
  const b = graphBuilder();
  const norm = b.emit(
    'BatchNormalization',
    [
      b.input('x', [1, 2]),
      ...[
        [2, -1],
        [1, 3],
        [0, 0],
        [1, 1],
      ].map((v) => b.constant(float64([2], v))),
    ],
    { epsilon: 0 },
  );
  return graphModel(b.build([b.relu(b.gemm(norm, float64([2, 1], [3, 1]), float64([1], [-6])))]), referenceEngine);
};
const merged = (): DifferentiableModel => {
  const b = graphBuilder();
  return graphModel(b.build([b.relu(b.matmul(b.input('x', [1, 2]), float64([2, 1], [6, -1])))]), referenceEngine);
};

test.each([
  ['lrp-epsilon', { epsilon: 0 }, [6, -2]],
  ['lrp-z-plus', { stabilizer: 0 }, [4, 0]],
  ['lrp-alpha-beta', { alpha: 2, stabilizer: 0 }, [8, -4]],
] as const)('%s: relevance is that of the merged network, and conserved', async (method, params, expected) => {
  for (const model of [written(), merged()]) {
    const a = await attribute(model, method, { inputs: { x: float64([1, 2], [1, 2]) }, target: 0, params });
    expect(toFloat64(a.attributions['x']!.data)).toBeClose(expected, { atol: 1e-12 });
    expect(a.convergenceDelta).toBeClose([0], { atol: 1e-12 });
  }
});
