import { describe, expect, test } from 'vitest';
import type { Feeds } from '../src/feeds.ts';
import { float64, int64 } from '../src/tensor.ts';
import { toyModel } from '../testing/toy-model.ts';

const linear = (weights: number[]) => ({ kind: 'linear' as const, weights: Float64Array.from(weights) });
const objective = (weights: number[]) => ({ tensor: 'y', rows: [linear(weights)] });

describe('toy models', () => {
  test('derivatives of every operation agree with central differences', async () => {
    const model = toyModel({
      outputs: [
        'x0**3*x1 - 2/x1 + -x0*4.5e-1',
        'relu(x0-1) + abs(x1) + max(x0, x1) - min(x0, 2*x1)',
        'tanh(x0) + sigmoid(x1) + exp(x0/x1) + ln(x1) + sqrt(x0+x1) + sin(x0)*cos(x1)',
      ],
    });
    const at = (x: number[]): Feeds => ({ x: float64([1, 2], x) });
    const { gradients } = await model.gradient({ feeds: at([2, 3]), objective: objective([1, -2, 0.5]), wrt: ['x'] });
    const value = async (x: number[]) =>
      (await model.gradient({ feeds: at(x), objective: objective([1, -2, 0.5]), wrt: [] })).values[0] ?? NaN;
    const h = 1e-6;
    expect(gradients['x']?.data).toBeClose(
      [
        ((await value([2 + h, 3])) - (await value([2 - h, 3]))) / (2 * h),
        ((await value([2, 3 + h])) - (await value([2, 3 - h]))) / (2 * h),
      ],
      { scale: 1e-8 },
    );
  });

  test('a fed inner tensor replaces its computation, and gradients by it stop there', async () => {
    const model = toyModel({ tensors: { h: ['x0*x0', 'x0'] }, outputs: ['h0*h1+x0'] });
    const free = await model.gradient({
      feeds: { x: float64([1, 1], [2]) },
      objective: objective([1]),
      wrt: ['h', 'x'],
    });
    expect(free.gradients['h']?.data).toBeClose([2, 4]);
    expect(free.gradients['x']?.data).toBeClose([13]);
    const fed = await model.gradient({
      feeds: { x: float64([1, 1], [2]), h: float64([1, 2], [5, 7]) },
      objective: objective([1]),
      wrt: ['h', 'x'],
      wanted: ['h'],
    });
    expect(fed.values[0]).toBe(37);
    expect(fed.gradients['h']?.data).toBeClose([7, 5]);
    expect(fed.gradients['x']?.data).toBeClose([1]);
    expect(model.counters.gradient).toBe(2);
  });

  test('pullback is the transposed Jacobian of inner tensors', async () => {
    const model = toyModel({ tensors: { h: ['x0+2*x1', 'x0*x1'] }, outputs: ['h0'] });
    const { x } = await model.pullback({
      feeds: { x: float64([1, 2], [3, 1]) },
      cotangents: { h: float64([1, 2], [1, 10]) },
      wrt: ['x'],
    });
    expect(x?.data).toBeClose([11, 32]);
  });

  test('structure: cuts, frontiers, kinds', () => {
    const skip = toyModel({ tensors: { z: ['2*x0-1'], h: ['relu(z0)'] }, outputs: ['h0**2 + 3*x0'] }).structure();
    expect(skip.bypass(['h'], ['x'], 'y')).toEqual({ from: 'x', to: 'y' });
    expect(skip.bypass(['z', 'x'], ['x'], 'y')).toEqual({ from: 'x', to: 'z' });
    expect(skip.affineFrontier(['x'], 'y').toSorted()).toEqual(['x', 'z']);
    expect(skip.pathKind(['x'], 'y').kind).toBe('mixed');
    expect(skip.pathKind(['x'], 'h').kind).toBe('piecewise-linear');
    const smooth = toyModel({ outputs: ['tanh(x0)'] }).structure();
    expect(smooth.pathKind(['x'], 'y')).toEqual({
      kind: 'smooth',
      blockers: [{ node: 'y', op: 'tanh', reason: 'not piecewise linear along the path' }],
    });
  });

  // By hand: relu(x0-1) switches at 1/3 of the path 0 -> 3; the outer argument is (3a-1) - a, positive after 1/2.
  test('breakpoints of nested kinks', async () => {
    const model = toyModel({ outputs: ['relu(relu(x0-1)-relu(x1))'] });
    const alphas = await model.breakpoints({
      from: { x: float64([1, 2], [0, 0]) },
      to: { x: float64([1, 2], [3, 1]) },
      constants: {},
      target: 'y',
      limit: 10,
    });
    expect(alphas).toBeClose([1 / 3, 1 / 2]);
  });

  test('embeddings look ids up', async () => {
    const table = [
      [0, 0],
      [1, 2],
    ];
    const model = toyModel({ embeddings: { ids: { table, tokens: 2, output: 'e' } }, outputs: ['e0+10*e3'] });
    const { y } = await model.forward({ ids: int64([1, 2], [1, 1]) });
    expect(y?.data).toBeClose([21]);
  });
});
