import { sizeOf, type WeightedRule } from '@pathwise/model';
import { describe, expect, test } from 'vitest';
import { allOps } from '../src/index.ts';
import { uniformFrom } from '../../model/testing/uniform.ts';
import { caseOf, LRP_ZERO, propagateCase, valuesOf } from './relevance-case.ts';
import { replicaRelevance, type MatrixNode } from './weighted-rules.replica.ts';

const RULES: readonly WeightedRule[] = [
  { rule: 'epsilon', stabilizer: 0.1 },
  { rule: 'epsilon', stabilizer: 1e-6, bias: 'ignore' },
  { rule: 'z-plus', stabilizer: 1e-6 },
  { rule: 'z-plus', stabilizer: 0.05, bias: 'ignore' },
  { rule: 'alpha-beta', stabilizer: 1e-6, alpha: 2 },
  { rule: 'alpha-beta', stabilizer: 0.05, alpha: 1.5 },
  { rule: 'gamma', stabilizer: 1e-6, gamma: 0.25 },
  { rule: 'gamma', stabilizer: 0.05, gamma: 3, bias: 'ignore' },
  { rule: 'box', stabilizer: 1e-6, low: [-2.5], high: [2.5] },
  { rule: 'w2', stabilizer: 1e-6 },
  { rule: 'w2', stabilizer: 1e-6, bias: 'ignore' },
  { rule: 'flat', stabilizer: 1e-6 },
];

const cases = allOps
  .filter(({ name }) => ['Conv', 'ConvTranspose', 'Gemm', 'MatMul', 'Einsum'].includes(name))
  .flatMap((op) =>
    op.examples
      // Where an axis is summed in one operand only, several weights join the same two elements: no matrix has them.
      .filter(
        ({ name, inputs }) => inputs.length > 1 && inputs.length < 4 && name !== 'axis summed in one operand only',
      )
      .filter(({ inputs }) => op.name !== 'Einsum' || inputs.length === 2)
      .flatMap((example) =>
        [0, 1].map((position) => [`${op.name}, ${example.name}, input ${position}`, op, example, position] as const),
      ),
  );

// Slower and simpler: the node is taken apart into its matrix by unit vectors, and the papers' formulas applied to it.
describe.each(cases)('%s', (_label, op, example, position) => {
  test.each(RULES.map((rule) => [JSON.stringify(rule), rule] as const))('%s', async (_, rule) => {
    const c = caseOf(op, example, [position]);
    const name = `x${position}`;
    const uniform = uniformFrom(7);
    const draw = (input: string): Float64Array =>
      Float64Array.from({ length: sizeOf(c.graph.types.get(input)!.shape) }, () => 4 * uniform() - 2);
    const at = Object.fromEntries(c.inputs.map((input) => [input, draw(input)]));
    const seed = draw('y0');
    const composite = [{ match: { classes: ['weighted-linear'] }, rule }];
    const { values } = await propagateCase(c, { ...LRP_ZERO, composite }, 'y0', { at, from: at, seed });
    const node = await matrixOf(c, at, name, position);
    expect(values[name]).toBeClose(replicaRelevance(node, rule, Array.from(seed)), { scale: 1e-11, atol: 1e-12 });
  });
});

/** The node as a matrix, by unit vectors; a weight is real where it moves the output when it is 1 with all others. */
async function matrixOf(
  c: ReturnType<typeof caseOf>,
  at: Record<string, Float64Array>,
  name: string,
  position: number,
): Promise<MatrixNode> {
  const run = async (feeds: Record<string, Float64Array>): Promise<number[]> =>
    Array.from((await valuesOf(c.graph, { ...at, ...feeds }, ['y0'])).y0);
  const zeros = at[name].map(() => 0);
  const other = `x${1 - position}`;
  const ones = at[other].map(() => 1);
  const b = await run({ [name]: zeros });
  const bOfOnes = await run({ [name]: zeros, [other]: ones });
  const columns = await Promise.all(
    Array.from(zeros.keys()).map(async (j) => {
      const unit = zeros.with(j, 1);
      const [own, full] = [await run({ [name]: unit }), await run({ [name]: unit, [other]: ones })];
      return {
        w: own.map((v, k) => v - b[k]),
        real: full.map((v, k) => Math.abs(v - bOfOnes[k]) > 1e-9),
      };
    }),
  );
  return { x: Array.from(at[name]), w: columns.map(({ w }) => w), real: columns.map(({ real }) => real), b };
}
