import { beforeAll, describe, expect, test } from 'vitest';
import { toFloat64, type Tensor } from '@pathwise/model';
import { allOps, referenceEngine } from '@pathwise/ops';
import { wasmEngine } from '../src/index.ts';
import { ensureCore } from '../tools/build.mjs';
import { opCase, type OpCase, type Varying } from './op-cases.ts';

beforeAll(ensureCore, 120_000);

/** Two tiles, of which the second is not full. */
const ROWS = 11;

/** Float32 against float64: a few hundred roundings of the largest value. */
const TOLERANCE = 1e-5;

const cases = allOps.flatMap((op) =>
  op.examples.flatMap((example) =>
    (['all', 'first'] as const).map(
      (varying: Varying) => [`${op.name}: ${example.name} (${varying})`, op, example, varying] as const,
    ),
  ),
);

const refused: string[] = [];

describe('every example of every op, and its gradient, against the float64 reference', () => {
  test.each(cases)('%s', async (name, op, example, varying) => {
    const one = opCase(op, example, varying, ROWS, 7);
    if (one === null) return;
    const support = wasmEngine.supports(one.graph);
    if (!support.ok) {
      refused.push(...support.missing.map(({ op: blocked, reason }) => `${name} — ${blocked}: ${reason}`));
      return;
    }
    await expectAgreement(one);
  });
});

async function expectAgreement({ graph, feeds, wanted }: OpCase): Promise<void> {
  const [ours, reference] = await Promise.all([wasmEngine.load(graph), referenceEngine.load(graph)]);
  const actual = await ours.run(feeds, wanted);
  const expected = await reference.run(feeds, wanted);
  for (const name of wanted) {
    const [a, b] = [actual[name] as Tensor, expected[name] as Tensor];
    expect([name, a.dtype, a.shape]).toEqual([name, b.dtype, b.shape]);
    const scale = toFloat64(b.data).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    expect(toFloat64(a.data)).toBeClose(toFloat64(b.data), { atol: TOLERANCE * scale });
  }
  ours.dispose();
}
