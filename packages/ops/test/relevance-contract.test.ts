import { PathwiseError, sizeOf, type Propagation } from '@pathwise/model';
import type { OpDef, OpExample } from '@pathwise/graph';
import { describe, expect, test } from 'vitest';
import { allOps, propagationBlockers } from '../src/index.ts';
import { uniformFrom } from '../../model/testing/uniform.ts';
import { conserved } from './conservation.ts';
import { caseOf, deepLift, LRP_ZERO, movingSets, propagateCase, type RelevanceCase } from './relevance-case.ts';

const SEEDS = [1, 2, 3];

const cases = allOps.flatMap((op) =>
  op.examples.flatMap((example) =>
    movingSets(op, example).map(
      (moving) => [`${op.name}, ${example.name}, inputs ${moving.join(', ')} move`, op, example, moving] as const,
    ),
  ),
);

const sum = (values: ArrayLike<number>): number => Array.from(values).reduce((a, b) => a + b, 0);
const size = (values: ArrayLike<number>): number => sum(Array.from(values, Math.abs));

/** Whether the rules of a propagation cover a case; the question and the attempt must give the same answer. */
async function isCovered(
  c: RelevanceCase,
  propagation: Propagation,
  target: string,
  numbers: Numbers,
): Promise<boolean> {
  const request = { fed: c.inputs, target, wrt: c.wrt, propagation, nearZero: 1e-10 };
  const blockers = propagationBlockers(c.graph, request);
  if (blockers.length === 0) return true;
  expect(blockers[0].reason.length).toBeGreaterThan(5);
  const attempt = propagateCase(c, propagation, target, numbers);
  await expect(attempt).rejects.toBeInstanceOf(PathwiseError);
  await expect(attempt).rejects.toMatchObject({ code: 'UNSUPPORTED_METHOD', place: { op: blockers[0].op } });
  return false;
}

interface Numbers {
  readonly at: Record<string, Float64Array>;
  readonly from: Record<string, Float64Array>;
  readonly seed: Float64Array;
}

/** Random inputs, baselines (equal where nothing moves) and values of the output. */
function numbersOf(c: RelevanceCase, op: OpDef, example: OpExample, target: string, seed: number): Numbers {
  const uniform = uniformFrom(seed);
  const [low, high] = example.domain ?? [-2, 2];
  const draw = (name: string): Float64Array =>
    Float64Array.from({ length: sizeOf(c.graph.types.get(name)!.shape) }, () => low + (high - low) * uniform());
  // Biases of recurrent layers absorb relevance within; they are 0 here.
  const still = op.relevance === 'recurrent' ? ['x3', 'x5', 'x6'] : [];
  const at = Object.fromEntries(
    c.inputs.map((name) => [name, still.includes(name) && !c.wrt.includes(name) ? draw(name).fill(0) : draw(name)]),
  );
  const from = Object.fromEntries(c.inputs.map((name) => [name, c.wrt.includes(name) ? draw(name) : at[name]]));
  const count = sizeOf(c.graph.types.get(target)!.shape);
  return { at, from, seed: Float64Array.from({ length: count }, () => 4 * uniform() - 2) };
}

describe.each(['rescale', 'reveal-cancel'] as const)('DeepLIFT is complete at every op: %s', (rule) => {
  test.each(cases)('%s', async (_label, op, example, moving) => {
    const c = caseOf(op, example, moving);
    for (const target of c.targets) {
      for (const seed of SEEDS) {
        const numbers = numbersOf(c, op, example, target, seed);
        if (!(await isCovered(c, deepLift(rule), target, numbers))) return;
        const { values, y1, y0 } = await propagateCase(c, deepLift(rule), target, numbers);
        const parts = c.wrt.flatMap((name) =>
          Array.from(values[name], (m, i) => m * (numbers.at[name][i] - numbers.from[name][i])),
        );
        const changes = Array.from(y1, (y, k) => numbers.seed[k] * (y - y0[k]));
        expect(Math.abs(sum(parts) - sum(changes))).toBeLessThanOrEqual(1e-10 * (1 + size(parts) + size(changes)));
      }
    }
  });
});

describe('relevance is conserved at every op, but for what biases take', () => {
  test.each(cases)('%s', async (_label, op, example, moving) => {
    const c = caseOf(op, example, moving);
    for (const target of c.targets) {
      for (const seed of SEEDS) {
        const numbers = numbersOf(c, op, example, target, seed);
        if (!(await isCovered(c, LRP_ZERO, target, numbers))) return;
        const expected = await conserved(c, op, moving, target, numbers);
        const { values } = await propagateCase(c, LRP_ZERO, target, numbers);
        const parts = c.wrt.flatMap((name) => Array.from(values[name]));
        expect(parts.every(Number.isFinite)).toBe(true);
        if (expected === null) continue;
        expect(Math.abs(sum(parts) - expected)).toBeLessThanOrEqual(1e-9 * (1 + size(parts)));
      }
    }
  });
});
