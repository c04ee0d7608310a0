import { beforeAll, describe, expect, test } from 'vitest';
import { toFloat64, type Tensor } from '@pathwise/model';
import type { Graph } from '@pathwise/graph';
import { graphBuilder, referenceEngine, type OpBuilder } from '@pathwise/ops';
import { compile } from '../src/index.ts';
import { ensureCore } from '../tools/build.mjs';
import { uniformFrom } from '../../model/testing/uniform.ts';
import { blockCase } from './op-cases.ts';
import { instantiate, INFO, lastError, put } from './instance.ts';

beforeAll(ensureCore, 120_000);

// The kernels keep 4 output channels in registers, take 64 pixels at a time and 8 rows a tile, and 4 columns of a product
// of two varying matrices: one less, as many, one more, and one.
const OUTPUTS = [1, 3, 4, 5, 8];
const PIXELS = [1, 63, 64, 65, 129];
const ROWS = [1, 7, 8];
const COLUMNS = [1, 3, 4, 5];

const GUARD = 64;
const GUARD_BYTE = 0xa5;

const draw = uniformFrom(31);
const random = (size: number): Float32Array<ArrayBuffer> => Float32Array.from({ length: size }, () => 2 * draw() - 1);

const constant = (b: OpBuilder, shape: number[]): string =>
  b.constant({ dtype: 'float32', shape, data: random(shape.reduce((a, d) => a * d, 1)) });

/** Runs one tile between guards of known bytes, compares with the reference, and looks at the guards. */
async function checkTile(graph: Graph, rows: number): Promise<void> {
  const core = instantiate();
  const guards: number[] = [];
  const guard = (): void => void guards.push(put(core, new Uint8Array(GUARD).fill(GUARD_BYTE)));
  const guarded = <T>(make: () => T): T => {
    guard();
    const made = make();
    guard();
    return made;
  };
  const { bytes } = compile(graph);
  const plan = guarded(() => put(core, bytes));
  const handle = guarded(() => core.pw_plan_load(plan, bytes.length));
  expect([handle, lastError(core)]).toEqual([0, '']);
  const inputs = graph.inputs.map((_, i) => random(rows * core.pw_plan_info(handle, INFO.inputSize, i)));
  const sizes = graph.outputs.map((_, i) => rows * core.pw_plan_info(handle, INFO.outputSize, i));
  const all = Float32Array.from(inputs.flatMap((data) => [...data]));
  const from = guarded(() => put(core, new Uint8Array(all.buffer)));
  const to = guarded(() => core.pw_alloc(4 * sizes.reduce((a, c) => a + c, 0)));
  expect(core.pw_forward(handle, rows, from, to)).toBe(0);

  const reference = await referenceEngine.load(graph);
  const feeds: Record<string, Tensor> = {};
  for (const [i, name] of graph.inputs.entries()) {
    feeds[name] = { dtype: 'float32', shape: [rows, ...graph.types.get(name)!.shape.slice(1)], data: inputs[i]! };
  }
  const expected = await reference.run(feeds, graph.outputs);
  let at = to;
  for (const [i, name] of graph.outputs.entries()) {
    const values = new Float32Array(core.memory.buffer, at, sizes[i]);
    expect(values).toBeClose(toFloat64(expected[name]!.data), { scale: 1e-5 });
    at += 4 * sizes[i]!;
  }
  const memory = new Uint8Array(core.memory.buffer);
  expect(guards.filter((start) => !memory.subarray(start, start + GUARD).every((byte) => byte === GUARD_BYTE))).toEqual(
    [],
  );
}

describe('sizes around those of the tiles, with guards around all memory', () => {
  test.each(OUTPUTS.flatMap((m) => ROWS.map((rows) => [m, rows] as const)))(
    'dense layer with %i outputs, %i rows',
    async (m, rows) => {
      const b = graphBuilder();
      await checkTile(b.build([b.relu(b.gemm(b.input('x', [1, 7]), constant(b, [7, m]), constant(b, [m])))]), rows);
    },
  );

  test.each(PIXELS.flatMap((w) => [1, 3].map((k) => [w, k] as const)))(
    'convolution of %i pixels, kernel %i',
    async (w, k) => {
      const b = graphBuilder();
      const y = b.conv(b.input('x', [1, 3, 1, w]), constant(b, [5, 3, 1, k]), constant(b, [5]), {
        pads: [0, k >> 1, 0, k >> 1],
      });
      await checkTile(b.build([y]), 8);
    },
  );

  test.each(OUTPUTS)('convolution in groups of %i outputs, strides 2, and its adjoint', async (m) => {
    const b = graphBuilder();
    const w = constant(b, [2 * m, 2, 3, 3]);
    const y = b.conv(b.input('x', [1, 4, 9, 8]), w, null, { group: 2, strides: [2, 2], pads: [1, 0, 1, 1] });
    const back = b.emit('ConvTranspose', [y, w], {
      group: 2,
      strides: [2, 2],
      pads: [1, 0, 1, 1],
      output_padding: [0, 0],
    });
    await checkTile(b.build([y, back]), 3);
  });

  test.each(OUTPUTS)('depthwise convolution of %i + 1 channels', async (m) => {
    const b = graphBuilder();
    const x = b.input('x', [1, m + 1, 5, 6]);
    await checkTile(
      b.build([b.conv(x, constant(b, [m + 1, 1, 3, 3]), constant(b, [m + 1]), { group: m + 1, pads: [1, 1, 1, 1] })]),
      8,
    );
  });

  // Winograd's algorithm from 24 channels and 16 outputs on; tiles of 2 x 2 outputs, whole and cut, 4 channels a block.
  test.each([
    [23, 24, 6, 6, 1],
    [24, 24, 4, 4, 1],
    [24, 25, 5, 7, 1],
    [27, 24, 9, 4, 0],
    [40, 30, 6, 19, 2],
  ])('convolution 3 x 3 from %i to %i channels, %i x %i, padding %i', async (c, m, h, w, pad) => {
    const b = graphBuilder();
    const weights = constant(b, [m, c, 3, 3]);
    const pads = [pad, pad, 0, pad];
    const y = b.relu(b.conv(b.input('x', [1, c, h, w]), weights, constant(b, [m]), { pads }));
    await checkTile(b.build([y, b.emit('ConvTranspose', [y, weights], { pads })]), 8);
  });

  test.each(COLUMNS)('product of two varying matrices with %i columns', async (n) => {
    const b = graphBuilder();
    await checkTile(b.build([b.matmul(b.input('a', [1, 2, 3, 5]), b.input('b', [1, 2, 5, n]))]), 8);
  });

  test.each([1, 2, 3, 9])('max pooling of %i channels', async (c) => {
    const b = graphBuilder();
    await checkTile(
      b.build([b.maxPool(b.input('x', [1, c, 7, 6]), [3, 3], { strides: [2, 2], pads: [1, 1, 1, 1] })]),
      8,
    );
  });

  test('a block of layers whose steps do more as they store, with its gradient', async () => {
    await checkTile(blockCase(1, 5).graph, 8);
  });

  // A channel's window sums, as local response normalization has them: windows that are cut on one side, both, or neither.
  test.each([
    [1, 3, 1],
    [3, 3, 1],
    [7, 3, 0],
    [7, 5, 2],
    [3, 7, 3],
  ])('one channel of %i filtered by %i weights, padding %i', async (size, taps, pad) => {
    const b = graphBuilder();
    const w = constant(b, [1, 1, taps, 1]);
    const y = b.conv(b.input('x', [1, 1, size, 4]), w, null, { pads: [pad, 0, pad, 0] });
    await checkTile(b.build([y, b.emit('ConvTranspose', [y, w], { pads: [pad, 0, pad, 0] })]), 8);
  });

  // The examples of Erf end at 2; beyond 1 the kernel uses another formula, beyond 4 the result is 1.
  test('the error function from -6 to 6', async () => {
    const b = graphBuilder();
    const points = Float32Array.from({ length: 601 }, (_, i) => (i - 300) / 50);
    const scale = b.constant({ dtype: 'float32', shape: [1, 601], data: points });
    const x = b.input('x', [1, 1]);
    await checkTile(b.build([b.emit('Erf', [b.add(b.mul(x, 0), scale)])]), 2);
  });

  // A channel order that changes between layers, as after a concatenation and a transposition.
  test('layouts that meet', async () => {
    const b = graphBuilder();
    const x = b.input('x', [1, 4, 6, 5]);
    const y = b.conv(x, constant(b, [4, 4, 1, 1]));
    const sum = b.add(y, x);
    const both = b.concat([sum, y, x], 1);
    const flat = b.reshape(b.transpose(both, [0, 2, 3, 1]), [1, 360]);
    await checkTile(b.build([b.gemm(flat, constant(b, [360, 3])), both]), 5);
  });
});
