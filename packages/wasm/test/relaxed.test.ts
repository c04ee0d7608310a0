import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { toFloat64 } from '@pathwise/model';
import { referenceEngine } from '@pathwise/ops';
import { compile, createWasmEngine } from '../src/index.ts';
import { ensureCore } from '../tools/build.mjs';
import { corePath, instantiate, put } from './instance.ts';
import { blockCase, wideCase, type OpCase } from './op-cases.ts';

beforeAll(ensureCore, 120_000);

const ROWS = 8;
const cases: [string, OpCase][] = [
  ['a wide convolution with pooling', wideCase(ROWS, 3)],
  ['a block of layers', blockCase(ROWS, 4)],
];

/** The outputs of one tile on the plain core. */
function outputsOf({ graph, feeds }: OpCase, wideBlocks: boolean): Float32Array {
  const core = instantiate();
  const { bytes } = compile(graph, { wideBlocks });
  const plan = core.pw_plan_load(put(core, bytes), bytes.length);
  const inputs = Float32Array.from(graph.inputs.flatMap((name) => Array.from(feeds[name]!.data as Float32Array)));
  const from = put(core, new Uint8Array(inputs.buffer));
  const floats = graph.outputs.reduce(
    (sum, name) => sum + graph.types.get(name)!.shape.reduce((size, axis) => size * axis, ROWS),
    0,
  );
  const to = core.pw_alloc(4 * floats);
  expect([plan, core.pw_forward(plan, ROWS, from, to)]).toEqual([0, 0]);
  return new Float32Array(core.memory.buffer, to, floats).slice();
}

// 26 channels are three wide blocks and two others, 24 four wide ones, 6 one, 5 none; the sums are the same.
test.each(cases)('%s has the same bits with six output channels in registers as with four', (_name, one) => {
  expect(outputsOf(one, true)).toEqual(outputsOf(one, false));
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
