import { beforeAll, expect, test } from 'vitest';
import { graphBuilder } from '@pathwise/ops';
import { ensureCore } from '../tools/build.mjs';
import { uniformFrom } from '../../model/testing/uniform.ts';
import { blockCase, stacked, wideCase, type OpCase } from './op-cases.ts';
import { outputsOfTile } from './run-tile.ts';

beforeAll(ensureCore, 120_000);

const ROWS = 8;

/** A dense layer: blocks of 4 channels by ones, fours and twos, the last one cut. */
function denseCase(outputs: number): OpCase {
  const draw = uniformFrom(23);
  const value = (): number => Math.fround(2 * draw() - 1);
  const b = graphBuilder();
  const weights = { ...stacked([1, 7, outputs], 1, value), shape: [7, outputs] };
  const y = b.gemm(b.input('x', [1, 7]), weights, { ...stacked([1, outputs], 1, value), shape: [outputs] });
  return { graph: b.build([y]), feeds: { x: stacked([1, 7], ROWS, value) }, wanted: [y] };
}

const cases: [string, OpCase][] = [
  ['a wide convolution with pooling', wideCase(ROWS, 3)],
  ['a block of layers', blockCase(ROWS, 4)],
  ...[1, 4, 6, 8, 17, 40].map((outputs): [string, OpCase] => [`a dense layer of ${outputs}`, denseCase(outputs)]),
];

// Tiles of one, two and up to four rows have kernels of their own.
test.each(cases.flatMap(([name, one]) => [false, true].map((wide) => [name, wide ? 6 : 4, one] as const)))(
  '%s: a row has the same bits in tiles of any number of rows, with blocks of %i channels',
  (_name, channels, one) => {
    const whole = outputsOfTile(one, ROWS, { wideBlocks: channels === 6 });
    for (const rows of [1, 2, 3, 4, 5]) {
      for (const [name, values] of outputsOfTile(one, rows, { wideBlocks: channels === 6 }))
        expect([rows, name, values]).toEqual([rows, name, whole.get(name)!.subarray(0, values.length)]);
    }
  },
);
