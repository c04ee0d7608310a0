import { float64, int64, toFloat64, type Tensor } from '@pathwise/model';
import { describe, expect, test } from 'vitest';
import { build, networks, rows } from '../../model/testing/toy-arbitraries.ts';
import { toyModel } from '../../model/testing/toy-model.ts';
import fc from 'fast-check';
import { attribute, type AttributionRequest } from '../src/index.ts';

const values = (t: Tensor | undefined): number[] => Array.from(toFloat64(t?.data ?? new Float64Array()));

// F = relu(z0) z1 + tanh(z1) with z affine: once through a tensor z, once written out, where nothing but x is affine.
const z0 = 'x0+2*x1-x2+0.5*x3-x4+0.3';
const z1 = 'x1-x0+x3*2-x4+x2';
const parted = () => toyModel({ inputs: { x: 5 }, tensors: { z: [z0, z1] }, outputs: ['relu(z0)*z1+tanh(z1)'] });
const whole = () => toyModel({ inputs: { x: 5 }, outputs: [`relu(${z0})*(${z1})+tanh(${z1})`] });
const X = [1, 0.7, -2, 0.4, 1.5];
const request = { inputs: { x: float64([1, 5], X) }, baseline: float64([5], [0.2, -1, 0.3, 0, 0.9]), target: 0 };

describe('the affine part is evaluated once a player', () => {
  test('Shapley values are the same as without; evaluations are counted', async () => {
    const [a, b] = [await attribute(parted(), 'shapley', request), await attribute(whole(), 'shapley', request)];
    expect(values(a.attributions['x'])).toBeClose(values(b.attributions['x']), { atol: 1e-13 });
    expect(b.evaluations.forward).toBe(32);
    // Nobody and each of five players for the images.
    expect(a.evaluations.forward).toBe(32 + 6);
  });

  test.each(['kernel-shap', 'shapley-sampling', 'lime'])('%s too', async (method) => {
    const [a, b] = [await attribute(parted(), method, request), await attribute(whole(), method, request)];
    expect(values(a.attributions['x'])).toBeClose(values(b.attributions['x']), { atol: 1e-12 });
  });

  test('groups, elements of nobody, and a set of baselines', async () => {
    const featureMask = int64([5], [3, -1, 3, 0, 1]);
    const set = { set: float64([2, 5], [...X.map((v) => v / 2), 0, 0, 1, 1, -1]) };
    const more = { ...request, baseline: set, featureMask };
    const [a, b] = [await attribute(parted(), 'shapley', more), await attribute(whole(), 'shapley', more)];
    expect(a.perPlayer?.[0]).toBeClose(b.perPlayer?.[0] ?? [], { atol: 1e-13 });
    expect(a.perPlayer?.[0]?.length).toBe(3);
    expect(a.convergenceDelta).toBeClose([0], { atol: 1e-12 });
  });

  test('random networks, several inputs of rows, any budget: the same bits alone and in a batch', async () => {
    await fc.assert(
      fc.asyncProperty(networks(), rows(3), rows(3), async (toy, x, other) => {
        const of = async (list: number[][], maxBytes?: number) => {
          const inputs = { x: float64([list.length, list[0]?.length ?? 0], list.flat()) };
          return values((await attribute(build(toy), 'shapley', { inputs, target: 0, maxBytes })).attributions['x']);
        };
        const alone = await of([x]);
        expect((await of([other, x])).slice(x.length)).toEqual(alone);
        expect(await of([x], 3000)).toEqual(alone);
      }),
      { numRuns: 15, seed: 8 },
    );
  });

  test('a player that is not finite leaves the coalitions without it alone', async () => {
    const model = () => toyModel({ inputs: { x: 2 }, tensors: { z: ['x0+x1', '0*x0+x1'] }, outputs: ['tanh(z1)'] });
    const failed = (inputs: number[]): Promise<unknown> =>
      attribute(model(), 'shapley', { inputs: { x: float64([1, 2], inputs) }, target: 0 } as AttributionRequest);
    // 0 * Infinity is NaN in F(x) itself; what is reported is F(x), not a coalition that Infinity does not belong to.
    await expect(failed([Infinity, 1])).rejects.toMatchObject({ code: 'NON_FINITE' });
    await expect(failed([Infinity, 1])).rejects.not.toThrow(/players 1 at the input/);
  });
});

// Elements of nobody keep their value in every coalition, nobody's too: F = x0 x1 with x1 = 3 kept is 3 x0.
test('elements of nobody are never at the baseline', async () => {
  const model = toyModel({ outputs: ['x0*x1'] });
  const a = await attribute(model, 'shapley', {
    inputs: { x: float64([1, 2], [2, 3]) },
    target: 0,
    featureMask: int64([2], [0, -1]),
    baseline: float64([2], [1, 1]),
  });
  expect(a.perPlayer).toEqual([[3]]);
  expect(a.outputAtBaseline).toEqual([3]);
  expect(a.convergenceDelta).toEqual([0]);
});
