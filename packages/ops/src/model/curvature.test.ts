import { float64, toFloat64, type Objective } from '@pathwise/model';
import { describe, expect, test } from 'vitest';
import { graphBuilder, graphModel, referenceEngine } from '../index.ts';

const objective: Objective = { tensor: 'y', rows: [{ kind: 'linear', weights: Float64Array.of(1) }] };

describe('curvature', () => {
  // F = tanh(a + 2 b) b: F_aa = t'' b, F_ab = 2 t'' b + t', F_bb = 4 t'' b + 4 t', t' = 1 - t^2, t'' = -2 t t'.
  test('closed form, two rows', async () => {
    const b = graphBuilder();
    const x = b.input('x', [1, 2]);
    const slope = b.tanh(b.matmul(x, float64([2, 1], [1, 2])));
    const model = graphModel(b.build([b.mul(slope, b.slice(x, [1], [2], [1]), 'y')]), referenceEngine);
    const points = [
      [0.3, -0.2],
      [0.5, 0.7],
    ] as const;
    for (const [column, direction] of [
      [0, [1, 0]],
      [1, [0, 1]],
    ] as const) {
      const { x: found } = await model.curvature!({
        feeds: { x: float64([2, 2], points.flat()) },
        objective,
        directions: { x: float64([2, 2], [...direction, ...direction]) },
      });
      const expected = points.flatMap(([p, q]) => {
        const t = Math.tanh(p + 2 * q);
        const [d1, d2] = [1 - t * t, -2 * t * (1 - t * t)];
        return [
          [d2 * q, 2 * d2 * q + d1],
          [2 * d2 * q + d1, 4 * d2 * q + 4 * d1],
        ][column] as number[];
      });
      expect(toFloat64(found!.data)).toBeClose(expected, { rtol: 1e-12 });
    }
    expect(model.counters.gradient).toBe(4);
  });

  // F = relu(3 a) + 2 b c: only b and c act together; a second input that F does not depend on has none at all.
  test('several inputs, and none where F is affine', async () => {
    const g = graphBuilder();
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => g.input(name, [1, 1]));
    const y = g.add(g.relu(g.mul(a!, 3)), g.mul(g.mul(b!, c!), 2), 'y');
    const model = graphModel(g.build([y, g.mul(d!, 1)]), referenceEngine);
    const one = (value: number) => float64([1, 1], [value]);
    const feeds = { a: one(1), b: one(2), c: one(3), d: one(4) };
    const found = await model.curvature!({
      feeds,
      objective,
      directions: { a: one(1), b: one(5), c: one(7), d: one(1) },
    });
    expect(Object.entries(found).map(([name, { data }]) => [name, data[0]])).toEqual([
      ['a', 0],
      ['b', 14],
      ['c', 10],
      ['d', 0],
    ]);
    const affine = await model.curvature!({ feeds, objective, directions: { d: one(1) } });
    expect(affine['d']?.data).toEqual(Float64Array.of(0));
  });

  test('a target given as a function is refused', async () => {
    const b = graphBuilder();
    const model = graphModel(b.build([b.mul(b.input('x', [1, 1]), 2, 'y')]), referenceEngine);
    const rows: Objective['rows'] = [
      { kind: 'function', evaluate: ([v = 0]) => ({ value: v, gradient: Float64Array.of(1) }) },
    ];
    const one = float64([1, 1], [1]);
    const failed = model.curvature!({ feeds: { x: one }, objective: { tensor: 'y', rows }, directions: { x: one } });
    await expect(failed).rejects.toMatchObject({ code: 'UNSUPPORTED_METHOD' });
  });
});
