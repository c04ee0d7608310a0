import { float64, toFloat64, type DifferentiableModel } from '@pathwise/model';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { build, networks, rows } from '../../model/testing/toy-arbitraries.ts';
import { toyModel } from '../../model/testing/toy-model.ts';
import { attribute, jacobianNorms } from '../src/index.ts';

const at = (...x: number[]) => ({ inputs: { x: float64([1, x.length], x) }, target: 0 });

/** The norm of the explicit Jacobian, by central differences of integrated gradients and many steps of power iteration. */
async function explicitNorm(model: DifferentiableModel, x: number[], from: number[], exact: boolean): Promise<number> {
  const step = 1e-6;
  const columns: number[][] = [];
  for (const i of x.keys()) {
    const ends = await Promise.all(
      [step, -step].map(async (h) => {
        const inputs = {
          x: float64(
            [1, x.length],
            x.map((v, k) => v + (k === i ? h : 0)),
          ),
        };
        const how = exact ? { exact } : { steps: 64, quadrature: 'gauss-legendre' as const };
        const request = { inputs, baseline: float64([from.length], from), target: 0, ...how };
        const { attributions } = await attribute(model, 'integrated-gradients', request);
        return Array.from(toFloat64(attributions['x']!.data));
      }),
    );
    columns.push(ends[0]!.map((v, k) => (v - ends[1]![k]!) / (2 * step)));
  }
  let v = x.map((_, i) => 1 + i);
  let norm = 0;
  for (let k = 0; k < 400; k++) {
    const image = x.map((_, row) => columns.reduce((sum, column, i) => sum + column[row]! * v[i]!, 0));
    const back = columns.map((column) => column.reduce((sum, value, row) => sum + value * image[row]!, 0));
    const length = Math.hypot(...back);
    if (length === 0) return 0;
    norm = Math.hypot(...image) / Math.hypot(...v);
    v = back.map((value) => value / length);
  }
  return norm;
}

describe('the norm of the Jacobian of integrated gradients', () => {
  // softplus with beta at (1, 1) from 0: 2.596, 25.01, 250.0 (reference values, bound G + L d / 2 = 3.5, 26, 251).
  test.each([
    [10, 2.596],
    [100, 25.01],
  ])('grows with the curvature: softplus, beta %i', async (beta, expected) => {
    const model = toyModel({ outputs: [`ln(1+exp(${beta}*(x0-x1)))/${beta}`] });
    const [found] = (await jacobianNorms(model, at(1, 1)))!;
    expect(found).toMatchObject({ row: 0, estimator: 'power-iteration', transversality: null });
    expect(found?.norm).toBeClose(expected, { rtol: 1e-3 });
  });

  // IG = relu(x - 1) for x > 1: slope 1. Differentiating a quadrature of it would give 1/2.
  test('of a kink that is crossed: relu(x - 1) at 2', async () => {
    const [found] = (await jacobianNorms(toyModel({ outputs: ['relu(x0-1)'] }), at(2)))!;
    expect(found).toMatchObject({ estimator: 'crossings', transversality: 1 });
    expect(found?.norm).toBeClose(1, { rtol: 1e-12 });
  });

  // The path from (0, -0.01) to (1, 1) meets the kink x0 = x1 nearly along it.
  test('near a jump the path meets a kink at a small angle', async () => {
    const request = { ...at(1, 1.001), baseline: float64([2], [0.01, 0]) };
    const [found] = (await jacobianNorms(toyModel({ outputs: ['relu(x0-x1)'] }), request))!;
    expect(found?.transversality).toBeLessThan(0.01);
    expect(found?.norm).toBeGreaterThan(10);
  });

  test.each([
    ['smooth', ['tanh', 'sigmoid'], 'power-iteration'],
    ['piecewise-linear', ['relu', 'abs'], 'crossings'],
  ] as const)('of random %s networks is that of the explicit matrix', async (_, activations, estimator) => {
    const cases = networks(activations).chain((toy) =>
      fc.tuple(fc.constant(toy), rows(toy.features), rows(toy.features)),
    );
    await fc.assert(
      fc.asyncProperty(cases, async ([toy, eighths, fromEighths]) => {
        // Eighths lie on kinks of networks of eighths, where there is no Jacobian.
        const [x, from] = [
          eighths.map((v, i) => v + 0.0123 * Math.sqrt(i + 2)),
          fromEighths.map((v, i) => v - 0.0077 * Math.sqrt(i + 3)),
        ];
        const request = { ...at(...x), baseline: float64([from.length], from) };
        const norms = await jacobianNorms(build(toy), request);
        fc.pre(norms !== null && norms[0]?.estimator === estimator);
        fc.pre((norms[0]?.transversality ?? 1) > 0.05);
        const expected = await explicitNorm(build(toy), x, from, estimator === 'crossings');
        // Power iteration ends where a step changes the norm by 1e-3, and comes from below; 32 nodes integrate to 1e-3.
        expect(norms[0]!.norm).toBeLessThanOrEqual(expected * (1 + 1e-3) + 1e-6);
        expect(norms[0]!.norm).toBeGreaterThanOrEqual(expected * 0.9 - 1e-6);
      }),
      { numRuns: 40, seed: 4 },
    );
  });

  test('curved and kinked at once, and sets of baselines, are left to samples', async () => {
    expect(await jacobianNorms(toyModel({ outputs: ['relu(x0-1)*x0'] }), at(2))).toBeNull();
    const set = { ...at(2), baseline: { set: float64([2, 1], [0, 1]) } };
    expect(await jacobianNorms(toyModel({ outputs: ['relu(x0-1)'] }), set)).toBeNull();
  });
});
