import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { allOps } from '../src/index.ts';
import { uniformFrom } from '../../model/testing/uniform.ts';
import { checkGradient, GRADIENT_TOLERANCE, singleNode } from './gradient-check.ts';

describe.each(allOps.map((op) => [op.name, op] as const))('%s', (_name, op) => {
  // What rounds has a gradient that is not its derivative: see straight-through.test.ts.
  const differentiable = op.inputs.includes('differentiable') && op.straightThrough !== true;

  test('has at least one example', () => {
    expect(op.examples.length).toBeGreaterThan(0);
  });

  test.runIf(differentiable).each(op.examples.map((example) => [example.name, example] as const))(
    'gradient against central differences: %s',
    async (_label, example) => {
      let steepest = 0;
      await fc.assert(
        fc.asyncProperty(fc.nat(), async (seed) => {
          const [low, high] = example.domain ?? [-2, 2];
          const uniform = uniformFrom(seed);
          const cell = singleNode(
            op,
            example.attrs ?? {},
            example.inputs,
            () => low + (high - low) * uniform(),
            example.outputs,
          );
          const { analytic, numeric, scale } = await checkGradient(cell, () => 2 * uniform() - 1);
          expect(Math.abs(analytic - numeric)).toBeLessThanOrEqual(
            (example.tolerance ?? GRADIENT_TOLERANCE) * Math.max(scale, 1e-3),
          );
          if (example.flat === true) expect(scale).toBeLessThan(1e-9);
          steepest = Math.max(steepest, Math.abs(numeric));
        }),
        { numRuns: 12, seed: 42 },
      );
      // Where everything is flat a wrong rule could pass.
      if (example.flat !== true) expect(steepest).toBeGreaterThan(1e-3);
    },
  );
});
