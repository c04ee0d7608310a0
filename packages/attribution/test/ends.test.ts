import { describe, expect, test } from 'vitest';
import { float32, type Target } from '@pathwise/model';
import { attribute } from '../src/index.ts';
import { toyModel } from '../../model/testing/toy-model.ts';

/** Integrated gradients, and the rows of every forward run of the model. */
async function forwardsOf(outputs: string[], request: Omit<Parameters<typeof attribute>[2], 'inputs'>, x: number[][]) {
  const model = toyModel({ outputs });
  const rows: number[] = [];
  const forward = model.forward.bind(model);
  model.forward = (feeds, wanted, options) => {
    rows.push(Object.values(feeds)[0]!.shape[0]!);
    return forward(feeds, wanted, options);
  };
  const inputs = { x: float32([x.length, x[0]!.length], x.flat()) };
  const result = await attribute(model, 'integrated-gradients', { steps: 8, ...request, inputs });
  return { rows, result };
}

// F = x0 x1 at (2, 3) is 6, and 0 at the baseline: half of it for each input, by symmetry of the product on the diagonal.
describe('F(x) and F(x’)', () => {
  test.each<[string, Target, number[]]>([
    ['an index', 0, [2]],
    ['a contrast of indices', { contrast: [0, { weights: [0, 0] }] }, [2]],
    ['top1 looks at the output first', 'top1', [1, 1]],
    ['top1 within a contrast', { contrast: ['top1', { weights: [0, 0] }] }, [1, 1]],
    ['top1 for one of the rows', { perRow: ['top1'] }, [1, 1]],
  ])('%s', async (_name, target, expected) => {
    const { rows, result } = await forwardsOf(['x0*x1', '-x0'], { target }, [[2, 3]]);
    expect(rows).toEqual(expected);
    expect(result.outputAtInput).toEqual([6]);
    expect(result.outputAtBaseline).toEqual([0]);
    expect(result.attributions['x']!.data).toBeClose([3, 3], { rtol: 1e-6 });
    expect(result.evaluations).toEqual({ forward: 2, gradient: 8 });
  });

  test('a set of baselines: the input is evaluated once a row', async () => {
    const baseline = { set: float32([2, 2], [0, 0, 1, 1]) };
    const { rows, result } = await forwardsOf(['x0*x1'], { target: 0, baseline }, [
      [2, 3],
      [2, 5],
    ]);
    expect(rows).toEqual([6]);
    expect(result.outputAtInput).toEqual([6, 10]);
    expect(result.outputAtBaseline).toEqual([0.5, 0.5]);
    expect(result.convergenceDelta).toBeClose([0, 0], { atol: 1e-12 });
  });

  test('an input that is its baseline is evaluated, and the other row as if it were alone', async () => {
    const x = [
      [0, 0],
      [2, 3],
    ];
    const { result } = await forwardsOf(['x0*x1'], { target: 0 }, x);
    expect(result.outputAtInput).toEqual([0, 6]);
    expect(result.attributions['x']!.data).toBeClose([0, 0, 3, 3], { rtol: 1e-6 });
  });

  test.each([
    ['F(x’)', { baseline: 'zeros' as const, x: [[1]], alpha: 0 }],
    ['F(x)', { baseline: 1, x: [[0]], alpha: 1 }],
  ])('%s that is infinite is an error that says where', async (_name, { baseline, x, alpha }) => {
    const run = forwardsOf(['ln(x0)'], { target: 0, baseline, quadrature: 'midpoint' }, x);
    await expect(run).rejects.toMatchObject({
      code: 'NON_FINITE',
      message: `the target is -Infinity at alpha = ${alpha}, row 0`,
      place: { alpha, tensor: 'y' },
    });
  });
});
