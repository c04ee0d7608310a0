import { readFileSync } from 'node:fs';
import { float64, toFloat64 } from '@pathwise/model';
import { expect, test } from 'vitest';
import { toyModel } from '../../model/testing/toy-model.ts';
import { attribute } from '../src/index.ts';

interface Case {
  readonly name: string;
  readonly params: { readonly alphas: number[] };
  readonly expected: {
    readonly outputs: number[];
    readonly gradients: number[][];
    readonly gradientNorms: number[];
    readonly cumulativeExact: number[][];
    readonly halfChangeAlpha: number;
  };
}
const golden = JSON.parse(readFileSync(new URL('golden/paths.json', import.meta.url), 'utf8')) as { cases: Case[] };
const caseOf = (name: string): Case => golden.cases.find((c) => c.name === name) as Case;
const model = toyModel({ outputs: ['tanh(3*x0+x1)'] });
const inputs = { x: float64([1, 2], [1, 0.5]) };

// F on the ray is tanh(3.5 a); attributions over [0, a] are (3, 0.5) tanh(3.5 a) / 3.5.
test('interior gradients of tanh', async () => {
  const { params, expected } = caseOf('interior gradients of tanh');
  const request = { inputs, target: 0, params: { alphas: params.alphas, keepGradients: true } };
  const a = await attribute(model, 'interior-gradients', request);
  const [curve] = a.curves ?? [];
  expect(curve?.alphas).toEqual(params.alphas);
  expect(curve?.outputs).toBeClose(expected.outputs, { atol: 1e-9 });
  expect(curve?.gradients?.['x']?.data).toBeClose(expected.gradients.flat(), { atol: 1e-9 });
  expect(curve?.gradientNorms).toBeClose(expected.gradientNorms, { atol: 1e-9 });
  expect(curve?.saturated).toBe(true);
  expect(a.warnings.map(({ code }) => code)).toContain('saturation');
});

test('the accumulated attributions converge as 1 / n^2', async () => {
  const exact = caseOf('interior gradients of tanh').expected.cumulativeExact.map(([a = 0, b = 0]) => a + b);
  const error = async (steps: number): Promise<number> => {
    const a = await attribute(model, 'interior-gradients', { inputs, target: 0, steps });
    const [curve] = a.curves ?? [];
    expect(toFloat64(a.attributions['x']?.data ?? new Float64Array())).toBeClose(
      [3, 0.5].map((w) => (w * Math.tanh(3.5)) / 3.5),
      { atol: 1 / steps ** 2 },
    );
    expect(curve?.cumulative.at(-1)).toBeClose((curve?.outputs.at(-1) ?? NaN) + (a.convergenceDelta?.[0] ?? NaN), {
      atol: 1e-12,
    });
    const quarter = curve?.cumulative[steps / 4] ?? NaN;
    return Math.abs(quarter - (exact[1] ?? NaN));
  };
  expect((await error(40)) / (await error(80))).toBeClose(4, { rtol: 0.02 });
});

test('half-change alpha, by linear interpolation on a fine curve', async () => {
  const a = await attribute(model, 'interior-gradients', { inputs, target: 0, steps: 40_000 });
  expect(a.curves?.[0]?.halfChangeAlpha).toBeClose(caseOf('half-change alpha').expected.halfChangeAlpha, {
    atol: 1e-9,
  });
});

test('51 points by default; no change of F gives no half-change', async () => {
  const a = await attribute(toyModel({ outputs: ['x0-x0'] }), 'interior-gradients', {
    inputs: { x: float64([2, 1], [1, 2]) },
  });
  expect(a.curves?.map(({ alphas }) => alphas.length)).toEqual([51, 51]);
  expect(a.curves?.[0]?.halfChangeAlpha).toBeNull();
});

test.each([[[0, 0.5]], [[0, 0.7, 0.5, 1]], [[0, 1.5]], [[1]]])('alphas %j are refused', async (alphas) => {
  await expect(attribute(model, 'interior-gradients', { inputs, target: 0, params: { alphas } })).rejects.toMatchObject(
    {
      code: 'BAD_ARGUMENT',
    },
  );
});
