import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { toFloat64 } from '@pathwise/model';
import { referenceEngine } from '@pathwise/ops';
import { createWasmEngine } from '../src/index.ts';
import { ensureCore } from '../tools/build.mjs';
import { corePath } from './instance.ts';
import { bandCase, blockCase, wideCase, type OpCase } from './op-cases.ts';
import { outputsOfTile } from './run-tile.ts';

beforeAll(ensureCore, 120_000);

const ROWS = 8;
const cases: [string, OpCase][] = [
  ['a wide convolution with pooling', wideCase(ROWS, 3)],
  ['a block of layers', blockCase(ROWS, 4)],
  ['blocks in bands', bandCase(ROWS, 4)],
];

// 26 channels are three wide blocks and two others, 24 four wide ones, 6 one, 5 none; the sums are the same.
test.each(cases)('%s has the same bits with six output channels in registers as with four', (_name, one) => {
  expect(outputsOfTile(one, ROWS, { wideBlocks: true })).toEqual(outputsOfTile(one, ROWS));
});

const available = WebAssembly.validate(readFileSync(corePath.replace(/core\.wasm$/u, 'core-relaxed.wasm')));
if (!available) console.warn(`skipped: the relaxed core (Node ${process.versions.node} has no relaxed SIMD)`);

describe('the relaxed engine', () => {
  test.skipIf(available)('says what to do where the host lacks it', async () => {
    await expect(createWasmEngine({ relaxed: true }).load(cases[0]![1].graph)).rejects.toMatchObject({
      code: 'ENGINE_UNAVAILABLE',
      message:
        'wasm: this host has no relaxed SIMD (Node has it from version 22 on). Use the engine without { relaxed: true }',
    });
  });

  test.runIf(available).each(cases)('%s agrees with float64', async (_name, { graph, feeds, wanted }) => {
    const [ours, reference] = await Promise.all([
      createWasmEngine({ relaxed: true }).load(graph),
      referenceEngine.load(graph),
    ]);
    const [actual, expected] = await Promise.all([ours.run(feeds, wanted), reference.run(feeds, wanted)]);
    for (const name of wanted)
      expect(toFloat64(actual[name]!.data)).toBeClose(toFloat64(expected[name]!.data), { scale: 1e-5 });
    ours.dispose();
  });
});
