import { readFileSync } from 'node:fs';
import { float64, int64, type Attribution } from '@pathwise/model';
import { describe, expect, test } from 'vitest';
import { toyModel } from '../../model/testing/toy-model.ts';
import { attribute, type AttributionRequest } from '../src/index.ts';

const METHOD = 'sequential-integrated-gradients';
const values = (a: Attribution, name = 'x'): number[] => Array.from(a.attributions[name]?.data ?? [], Number);

function run(output: string, x: number[], more: Partial<AttributionRequest> = {}, rows = 1) {
  const model = toyModel({ inputs: { x: x.length / rows }, outputs: [output] });
  return attribute(model, METHOD, { inputs: { x: float64([rows, x.length / rows], x) }, target: 0, steps: 8, ...more });
}

interface Case {
  readonly name: string;
  readonly outputs: readonly string[];
  readonly inputs: { readonly embeddingTable: number[][]; readonly ids: number[]; readonly baselineIds: number[] };
  readonly expected: { readonly attributions: number[][]; readonly perToken: number[] };
  readonly tolerance: number;
}

// F = (a + 2 c)(b - d): token (a, b) moves while (c, d) stays, then the other way round.
describe('of a text the tokens move one by one', () => {
  const { cases } = JSON.parse(readFileSync(new URL('golden/paths.json', import.meta.url), 'utf8')) as {
    cases: Case[];
  };
  const { outputs, inputs, expected, tolerance } = cases.find(({ name }) => name === 'sequential IG') as Case;
  const { embeddingTable: table, ids, baselineIds } = inputs;
  const model = toyModel({
    embeddings: { ids: { table, tokens: 2, output: 'e' } },
    outputs: outputs.map((o) => o.replaceAll('x', 'e')),
  });
  const request = { inputs: { ids: int64([1, 2], ids) }, baseline: int64([1, 2], baselineIds), target: 0, steps: 8 };

  test('sequential IG', async () => {
    const a = await attribute(model, METHOD, request);
    expect(values(a, 'e')).toBeClose(expected.attributions.flat(), { atol: tolerance * 19 });
    expect([0, 2].map((k) => (values(a, 'e')[k] as number) + (values(a, 'e')[k + 1] as number))).toBeClose(
      expected.perToken,
      { atol: tolerance * 19 },
    );
    // F(x) = 7 * 3, F at the baseline 0: the sum is another one, and the delta says so.
    expect([a.outputAtInput, a.outputAtBaseline]).toEqual([[21], [0]]);
    expect(a.convergenceDelta).toBeClose([15 + 19 - 21], { atol: 1e-11 });
    // Forward: x, the vectors of the baseline's tokens, the baseline, and the start of each path.
    expect(a.evaluations).toEqual({ forward: 1 + 1 + 1 + 2, gradient: 2 * 8 });
  });

  test('both tokens as one group: integrated gradients', async () => {
    const together = await attribute(model, METHOD, { ...request, featureMask: int64([2], [0, 0]) });
    const plain = await attribute(model, 'integrated-gradients', request);
    expect(values(together, 'e')).toBeClose(values(plain, 'e'), { atol: 1e-12 });
  });
});

// Of x0 x1 x2 at (1, 2, 3) from zeros, alone: each alone gains all of 6. x0 and x1 together: 6 for the pair, 3 for each.
test('groups of a mask move together, -1 stays; elements share as in integrated gradients', async () => {
  expect(values(await run('x0*x1*x2', [1, 2, 3]))).toBeClose([6, 6, 6], { atol: 1e-12 });
  const grouped = await run('x0*x1*x2', [1, 2, 3], { featureMask: int64([3], [4, 4, -1]) });
  expect(values(grouped)).toBeClose([3, 3, 0], { atol: 1e-12 });
  expect(grouped.convergenceDelta).toBeClose([0], { atol: 1e-12 });
  expect((await run('x0*x1*x2+x2', [1, 2, 3], { featureMask: int64([3], [4, 4, -1]) })).outputAtBaseline).toEqual([3]);
});

test('each sum is what the target loses without the group: occlusion, whatever F', async () => {
  const output = 'relu(x0*x1-x2)+sqrt(x0*x0+1)*x2';
  const more = { baseline: float64([3], [0.5, -1, 0.25]), steps: undefined, tolerance: 0.001 };
  const a = await run(output, [1, 2, 0.5], more);
  const model = toyModel({ inputs: { x: 3 }, outputs: [output] });
  const lost = await attribute(model, 'occlusion', {
    inputs: { x: float64([1, 3], [1, 2, 0.5]) },
    baseline: more.baseline,
    target: 0,
  });
  expect(values(a)).toBeClose(values(lost), { rtol: 0.002 });
  expect(a.error?.[0]).toBeLessThanOrEqual(0.001);
  expect(a.error?.[0]).toBeGreaterThan(0);
  expect(a.errorMet).toEqual([true]);
  // Twice the same function side by side: twice the error, on twice the size.
  const once = await run('tanh(4*x0-1)', [1], { steps: undefined, tolerance: 0.01 });
  const twice = await run('tanh(4*x0-1)+tanh(4*x1-1)', [1, 1], { steps: undefined, tolerance: 0.01 });
  expect(twice.error).toBeClose(once.error ?? [], { rtol: 1e-6 });
});

// relu(x0 + x1 - 1.5) at ones: without either it loses its 1/2, on the upper half of the path.
test('exact from kink to kink, and standard errors where asked', async () => {
  const exact = await run('relu(x0+x1-1.5)', [1, 1], { steps: undefined, exact: true });
  expect(values(exact)).toBeClose([0.5, 0.5], { atol: 1e-12 });
  expect(exact.exact).toBe(true);
  const a = await run('relu(x0+x1-1.5)*x1', [1, 1], { steps: undefined, tolerance: 0.05, standardErrors: true });
  expect(Array.from(a.standardErrors?.['x']?.data ?? [], Number).every((e) => Number.isFinite(e) && e >= 0)).toBe(true);
  expect(Array.from(a.standardErrors?.['x']?.data ?? [], Number).some((e) => e > 0)).toBe(true);
});

test('rows are what they are alone; a row at its baseline gets zeros', async () => {
  const x = [1, 2, 0, 0, -1, 3];
  const all = await run('x0*x0*x1+tanh(x1)', x, {}, 3);
  for (const row of [0, 1, 2]) {
    const alone = await run('x0*x0*x1+tanh(x1)', x.slice(2 * row, 2 * row + 2));
    expect(values(all).slice(2 * row, 2 * row + 2)).toEqual(values(alone));
  }
  expect(values(all).slice(2, 4).map(Math.abs)).toEqual([0, 0]);
});
