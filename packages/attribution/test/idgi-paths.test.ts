// IDGI on paths other than the straight one; that is in sampled-and-curved-paths.test.ts.
import { float64, type ParamValue } from '@pathwise/model';
import { describe, expect, test } from 'vitest';
import { toyModel } from '../../model/testing/toy-model.ts';
import { gaussianBlur } from '../src/baselines/blur.ts';
import { attribute, checkAxioms, type AttributionRequest } from '../src/index.ts';

const values = (a: { attributions: Record<string, { data: ArrayLike<unknown> }> }): number[] =>
  Array.from(a.attributions['x']?.data ?? [], Number);

function run(
  output: string,
  x: number[],
  params: Record<string, ParamValue>,
  more: Partial<AttributionRequest> = {},
  rows = 1,
) {
  const model = toyModel({ inputs: { x: x.length / rows }, outputs: [output] });
  return attribute(model, 'idgi', { inputs: { x: float64([rows, x.length / rows], x) }, target: 0, params, ...more });
}

describe('on the guided path', () => {
  const unbounded = { path: 'guided', fraction: 0.1, maxDistance: 1 };

  // F = x0^2 + 1.1 x1 from zeros to ones in four steps. The smaller gradient moves first, x0 with 2 x0 against 1.1: the
  // points are (0, 0), (1/2, 0), (1, 0), (1, 1/2), (1, 1); F there 0, 0.25, 1, 1.55, 2.1; squared gradients (0, 1.21),
  // (1, 1.21), (4, 1.21), (4, 1.21). By hand.
  test('changes are shared at the points of that path', async () => {
    const a = await run('x0*x0+1.1*x1', [1, 1], unbounded, { steps: 4 });
    const first = 0.75 / 2.21 + (1.1 * 4) / 5.21;
    expect(values(a)).toBeClose([first, 2.1 - first], { atol: 1e-12 });
    expect(a.convergenceDelta).toBeClose([0], { atol: 1e-12 });
    expect(a.evaluations).toEqual({ forward: 2, gradient: 4 });
    const straight = await run('x0*x0+1.1*x1', [1, 1], {}, { steps: 4 });
    expect(Math.abs((values(straight)[0] as number) - first)).toBeGreaterThan(0.05);
  });

  test('maxDistance 0: the straight path; with an anchor too', async () => {
    const output = 'x0*x1+relu(x0-0.6)';
    const straight = values(await run(output, [2, -1], {}, { steps: 6 }));
    for (const anchors of [0, 1]) {
      const a = await run(output, [2, -1], { path: 'guided', maxDistance: 0, anchors }, { steps: 6 });
      expect(values(a)).toBeClose(straight, { atol: 1e-9 });
    }
  });

  // Of three rows one stays at its baseline; side by side each is what it is alone.
  test('rows walk side by side', async () => {
    const x = [1, 1, 0, 0, 2, -1];
    const all = await run('x0*x0*x1+1.1*x1', x, unbounded, { steps: 5 }, 3);
    expect(all.evaluations).toEqual({ forward: 5, gradient: 2 * 5 });
    for (const row of [0, 1, 2]) {
      const alone = await run('x0*x0*x1+1.1*x1', x.slice(2 * row, 2 * row + 2), unbounded, { steps: 5 });
      expect(values(all).slice(2 * row, 2 * row + 2)).toEqual(values(alone));
    }
    expect(values(all).slice(2, 4)).toEqual([0, 0]);
  });
});

describe('on the path of blurred inputs', () => {
  const v = [0, 1, 4, 2, 0, 1, 0];
  const blur = { path: 'blur', axes: [0], sigmaMax: 3 };
  // v blurred with sigma 3 and a border of zeros: the case "blur IG, linear" of golden/sampled-and-curved-paths.json.
  const blurred = [
    0.7462191477877309, 0.9038194386921697, 0.9899913044828538, 0.9821323989972994, 0.8839959263886978,
    0.7232643044460751, 0.5389626846613683,
  ];
  const squares = v.map((_, i) => `0.5*x${i}*x${i}`).join('+');
  const energy = (z: ArrayLike<number>): number => Array.from(z).reduce((sum, value) => sum + (value * value) / 2, 0);

  // The gradient of a linear F is w everywhere, so w_i^2 / |w|^2 of w . (v - L), however many the steps.
  test('a linear target', async () => {
    const w = [1, -2, 3, 0.5, -1, 1, 2];
    const change = w.reduce((sum, wi, i) => sum + wi * ((v[i] as number) - (blurred[i] as number)), 0);
    const norm = 2 * energy(w);
    for (const steps of [1, 5]) {
      const a = await run(w.map((wi, i) => `(${wi})*x${i}`).join('+'), v, blur, { steps });
      expect(values(a)).toBeClose(
        w.map((wi) => (change * wi * wi) / norm),
        { atol: 1e-12 },
      );
      expect(a.outputAtBaseline).toBeClose([w.reduce((sum, wi, i) => sum + wi * (blurred[i] as number), 0)], {
        atol: 1e-12,
      });
      expect(a.evaluations).toEqual({ forward: 2, gradient: steps });
    }
  });

  // F = |x|^2 / 2 has the gradient x: a step from L to L' gives L_i^2 / |L|^2 of its change.
  test('half the sum of squares, one step and two', async () => {
    const shares = (start: ArrayLike<number>, end: ArrayLike<number>): number[] =>
      Array.from(start, (z) => ((z * z) / (2 * energy(start))) * (energy(end) - energy(start)));
    expect(values(await run(squares, v, blur, { steps: 1 }))).toBeClose(shares(blurred, v), { atol: 1e-12 });
    const middle = gaussianBlur(Float64Array.from(v), [7], [0], 1.5, 'zero');
    const [outer, inner] = [shares(blurred, middle), shares(middle, v)];
    const two = await run(squares, v, blur, { steps: 2 });
    expect(values(two)).toBeClose(
      outer.map((value, i) => value + (inner[i] as number)),
      { atol: 1e-12 },
    );
    expect(two.convergenceDelta).toBeClose([0], { atol: 1e-12 });
  });

  test('a constant is not changed by a blur that reflects: nothing to share', async () => {
    const a = await run(squares, new Array<number>(7).fill(1), { ...blur, border: 'reflect' }, { steps: 4 });
    expect(values(a)).toBeClose(new Array<number>(7).fill(0), { atol: 1e-12 });
  });

  test('rows one by one; tiles do not matter', async () => {
    const other = [3, 0, 0, 1, -1, 2, 0.5];
    const both = values(await run(squares, [...v, ...other], blur, { steps: 3 }, 2));
    expect(both.slice(0, 7)).toEqual(values(await run(squares, v, blur, { steps: 3 })));
    expect(both.slice(7)).toEqual(values(await run(squares, other, blur, { steps: 3 })));
    expect(values(await run(squares, [...v, ...other], blur, { steps: 3, maxBytes: 2000 }, 2))).toEqual(both);
  });

  test('takes no baseline', async () => {
    await expect(run(squares, v, blur, { baseline: 'zeros' })).rejects.toThrow(/path blur .* takes no baseline/);
  });
});

test('parameters of another path are refused', async () => {
  await expect(run('x0', [1], { sigmaMax: 3 })).rejects.toThrow(
    /expected its default with path straight: it shapes the path blur for parameter sigmaMax, got 3/,
  );
  await expect(run('x0', [1], { path: 'blur', anchors: 1 })).rejects.toThrow(/shapes the path guided/);
});

// The blurred copy takes the place of a baseline: axioms are those of a path without one. Pixels are blurred with their
// neighbours, so that exchanging two of them changes their paths: symmetry is no claim there.
describe('axioms on the path of blurred inputs', () => {
  const check = (shape: readonly number[], params: Record<string, ParamValue>) => {
    const size = shape.reduce((a, b) => a * b, 1);
    const outputs = ['tanh(x0)*x1+x2*x2', Array.from({ length: size }, (_, i) => `${i % 3}*x${i}`).join('+')];
    const x = Array.from({ length: size }, (_, i) => Math.sin(i + 1));
    const inputs = { x: float64([1, ...shape], x) };
    const model = toyModel({ inputs: { x: shape }, outputs });
    return checkAxioms(model, 'idgi', { inputs, target: 0, params, steps: 8 }, { quick: true, precision: 'float64' });
  };
  test.each([[[3], {}] as const, [[1, 4, 4], { sigmaMax: 2 }] as const, [[1, 4, 4], { axes: [1] }] as const])(
    'of %j by %j are checked without a baseline',
    async (shape, more) => {
      const { axioms } = await check(shape, { path: 'blur', ...more });
      const of = (id: string) => axioms.find(({ axiom }) => axiom === id);
      expect(of('completeness')).toMatchObject({ claimed: true, verdict: 'proved' });
      expect(of('dummy')).toMatchObject({ claimed: true, verdict: 'proved' });
      expect(of('symmetry')?.claimed).toBe(false);
      expect(axioms.filter(({ claimed, verdict }) => claimed && verdict === 'error')).toEqual([]);
    },
  );

  test('the straight path claims symmetry', async () => {
    const { axioms } = await check([3], {});
    expect(axioms.find(({ axiom }) => axiom === 'symmetry')).toMatchObject({ claimed: true, verdict: 'proved' });
  });
});
