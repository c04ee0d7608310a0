import { beforeAll, expect, test } from 'vitest';
import { toFloat64 } from '@pathwise/model';
import { referenceEngine } from '@pathwise/ops';
import { ensureCore } from '../tools/build.mjs';
import { outputsOfTile } from './run-tile.ts';
import { zerosCase } from './zeros-case.ts';

beforeAll(ensureCore, 120_000);

const ROWS = 8;

// Inputs that are zero in all rows are left out of sums; in a tile with a row that has no zeros they are not.
test.each([0, 0.1, 0.4, 0.9, 1].flatMap((share) => [false, true].map((wide) => ({ share, wide }))))(
  'zeros change no bit of a row ($share of the input, wide blocks: $wide)',
  ({ share, wide }) => {
    const sparse = zerosCase({ rows: ROWS, seed: 3, share });
    const dense = outputsOfTile(zerosCase({ rows: ROWS, seed: 3, share, denseRow: 7 }), ROWS, { wideBlocks: wide });
    for (const rows of [1, 2, 4, 7]) {
      for (const [name, values] of outputsOfTile(sparse, rows, { wideBlocks: wide }))
        expect([rows, name, values]).toEqual([rows, name, dense.get(name)!.subarray(0, values.length)]);
    }
  },
);

test.each([-1, 0, 7])(
  'products are those of the float64 reference where row %i alone has no zeros',
  async (denseRow) => {
    const one = zerosCase({ rows: ROWS, seed: 4, share: 0.5, denseRow });
    const executable = await referenceEngine.load(one.graph);
    const expected = await executable.run(one.feeds, one.wanted);
    for (const [name, values] of outputsOfTile(one, ROWS))
      expect(values).toBeClose(toFloat64(expected[name]!.data), { scale: 1e-5 });
  },
);

// 0 * infinity is not 0 (IEEE 754-2019, section 7.2).
test('with an infinite weight nothing is left out', () => {
  const one = zerosCase({ rows: ROWS, seed: 3, share: 1, firstWeight: Number.POSITIVE_INFINITY });
  const [first] = outputsOfTile(one, ROWS).values();
  expect(first!.subarray(0, 3)).toEqual(Float32Array.of(Number.NaN, Number.NaN, Number.NaN));
  expect(first!.subarray(72, 144)).toEqual(new Float32Array(72));
});
