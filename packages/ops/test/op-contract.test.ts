import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { allOps } from '../src/index.ts';
import { checkGradient, singleNode } from './gradient-check.ts';

/** Relative error of the best central difference in float64 of a smooth function: about (1e-16)^(2/3), with margin. */
const TOLERANCE = 1e-6;

describe.each(allOps.map((op) => [op.name, op] as const))('%s', (_name, op) => {
  const differentiable = op.inputs.includes('differentiable');

  test('has at least one example', () => {
    expect(op.examples.length).toBeGreaterThan(0);
  });

  test.runIf(differentiable).each(op.examples.map((example) => [example.name, example] as const))(
    'gradient against central differences: %s',
    async (_label, example) => {
      await fc.assert(
        fc.asyncProperty(fc.nat(), async (seed) => {
          const [low, high] = example.domain ?? [-2, 2];
          const uniform = generator(seed);
          const cell = singleNode(
            op,
            example.attrs ?? {},
            example.inputs,
            () => low + (high - low) * uniform(),
            example.outputs,
          );
          const { analytic, numeric, scale } = await checkGradient(cell, () => 2 * uniform() - 1);
          expect(Math.abs(analytic - numeric)).toBeLessThanOrEqual(
            (example.tolerance ?? TOLERANCE) * Math.max(scale, 1e-3),
          );
          if (example.flat === true) expect(scale).toBeLessThan(1e-9);
        }),
        { numRuns: 12, seed: 42 },
      );
    },
  );
});

/** A small seeded generator (splitmix32): uniform in [0, 1). */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let z = state ^ (state >>> 16);
    z = Math.imul(z, 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return ((z ^ (z >>> 15)) >>> 0) / 2 ** 32;
  };
}
