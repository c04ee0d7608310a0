import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { allOps, ops } from '../src/index.ts';
import { uniformFrom } from '../../model/testing/uniform.ts';
import { GENERATORS } from './generators/all.ts';
import { QUANTIZED } from './generators/quantized.ts';
import { describeCase, described } from './generators/generated-case.ts';
import { checkGradient, GRADIENT_TOLERANCE, singleNode } from './gradient-check.ts';

const RUNS = 40;

/** Ops whose gradient is not their derivative, and where it is tested instead. */
const EXCEPTIONS: Readonly<Record<string, string>> = Object.fromEntries(
  Object.keys(QUANTIZED).map((name) => [
    name,
    'rounds; the gradient passes straight through: straight-through.test.ts',
  ]),
);

const differentiable = allOps.filter((op) => op.inputs.includes('differentiable')).map((op) => op.name);

test('every op with a gradient has generated cases, or a reason why not', () => {
  expect(differentiable.filter((name) => !(name in GENERATORS) && !(name in EXCEPTIONS))).toEqual([]);
});

test('no generator and no exception without such an op', () => {
  const named = [...Object.keys(GENERATORS), ...Object.keys(EXCEPTIONS)];
  expect(named.filter((name) => !differentiable.includes(name))).toEqual([]);
  expect(new Set(named).size).toBe(named.length);
  for (const name of Object.keys(EXCEPTIONS)) expect(ops.get(name)!.straightThrough).toBe(true);
});

// Central differences in float64 along a random direction, for random cotangents of all outputs.
describe('gradients over generated shapes and attributes', () => {
  test.each(Object.entries(GENERATORS))('%s', async (name, generator) => {
    const op = ops.get(name)!;
    let steep = 0;
    await fc.assert(
      fc.asyncProperty(described(name, generator), fc.noShrink(fc.nat()), async (one, seed) => {
        const uniform = uniformFrom(seed);
        const [low, high] = one.domain ?? [-2, 2];
        const cell = singleNode(op, one.attrs ?? {}, one.inputs, () => low + (high - low) * uniform(), one.outputs);
        const { analytic, numeric, scale } = await checkGradient(someOf(cell, uniform), () => 2 * uniform() - 1);
        const largest = Math.max(scale, 1e-3);
        if (!(Math.abs(analytic - numeric) <= GRADIENT_TOLERANCE * largest)) {
          expect.fail(`${describeCase(name, one)}: gradient ${analytic}, central difference ${numeric}`);
        }
        if (Math.abs(numeric) > 1e-3) steep++;
      }),
      { numRuns: RUNS, seed: 3 },
    );
    // Where everything is flat a wrong rule could pass.
    expect(steep).toBeGreaterThan(RUNS / 3);
  });
});

/** Often not all inputs move and not all outputs have a cotangent: rules leave out what nobody asks for. */
function someOf(cell: ReturnType<typeof singleNode>, uniform: () => number): ReturnType<typeof singleNode> {
  const some = <T>(all: readonly T[]): T[] => {
    const kept = uniform() < 0.5 ? all : all.filter(() => uniform() < 0.5);
    return kept.length === 0 ? [...all] : [...kept];
  };
  return { ...cell, graph: { ...cell.graph, outputs: some(cell.graph.outputs) }, wrt: some(cell.wrt) };
}
