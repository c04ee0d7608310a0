import { beforeAll, describe, expect, test } from 'vitest';
import { toFloat64, type Tensor } from '@pathwise/model';
import { allOps, referenceEngine } from '@pathwise/ops';
import { wasmEngine } from '../src/index.ts';
import { ensureCore } from '../tools/build.mjs';
import { opCase, type OpCase } from './op-cases.ts';

beforeAll(ensureCore, 120_000);

/** Two tiles, of which the second is not full. */
const ROWS = 11;

/** Float32 against float64: a few hundred roundings of the largest value. */
const TOLERANCE = 1e-5;

const cases = allOps.flatMap((op) =>
  op.examples.flatMap((example) =>
    (['all', 'first'] as const).flatMap((varying) => {
      const one = opCase(op, example, varying, ROWS, 7);
      return one === null ? [] : [[`${op.name}: ${example.name} (${varying} varying)`, one] as const];
    }),
  ),
);
const supported = cases.filter(([, { graph }]) => wasmEngine.supports(graph).ok);

describe('every example of every op, and its gradient, against the float64 reference', () => {
  test.each(supported)('%s', async (_name, one) => {
    await expectAgreement(one);
  });

  // The others need ops without a kernel (engine.test.ts lists them), or float64.
  test('of which so many have kernels', () => {
    expect([supported.length, cases.length]).toEqual([721, 730]);
  });
});

async function expectAgreement({ graph, feeds, wanted }: OpCase): Promise<void> {
  const [ours, reference] = await Promise.all([wasmEngine.load(graph), referenceEngine.load(graph)]);
  const actual = await ours.run(feeds, wanted);
  const expected = await reference.run(feeds, wanted);
  for (const name of wanted) {
    const [a, b] = [actual[name] as Tensor, expected[name] as Tensor];
    expect([name, a.dtype, a.shape]).toEqual([name, b.dtype, b.shape]);
    expect(toFloat64(a.data)).toBeClose(toFloat64(b.data), { scale: TOLERANCE });
  }
  ours.dispose();
}
