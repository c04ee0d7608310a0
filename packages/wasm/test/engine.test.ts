import { beforeAll, describe, expect, test } from 'vitest';
import { PathwiseError, type Tensor } from '@pathwise/model';
import type { Graph } from '@pathwise/graph';
import { allOps, graphBuilder, referenceEngine } from '@pathwise/ops';
import { wasmEngine } from '../src/index.ts';
import { ensureCore } from '../tools/build.mjs';
import { uniformFrom } from '../../model/testing/uniform.ts';
import { opCase, stacked } from './op-cases.ts';

beforeAll(ensureCore, 120_000);

/** A small convolutional network with inner tensors "hidden" and "score". */
function network(): Graph {
  const draw = uniformFrom(5);
  const b = graphBuilder();
  const weights = (shape: number[]): Tensor => ({ ...stacked([1, ...shape], 1, () => draw() - 0.5), shape });
  const x = b.input('x', [1, 2, 6, 6]);
  const hidden = b.relu(b.conv(x, weights([5, 2, 3, 3]), null, { pads: [1, 1, 1, 1] }), 'hidden');
  const pooled = b.maxPool(hidden, [2, 2], { strides: [2, 2] });
  const score = b.gemm(b.reshape(pooled, [1, 45]), weights([45, 3]), null, {}, 'score');
  return b.build([b.softmax(score, -1, 'probability')]);
}

const rows = (count: number, seed = 1): Tensor => {
  const draw = uniformFrom(seed);
  return stacked([1, 2, 6, 6], count, () => 2 * draw() - 1);
};

const code = async (promise: Promise<unknown>): Promise<[string, string]> => {
  const error = await promise.then(
    () => null,
    (e: unknown) => e,
  );
  expect(error).toBeInstanceOf(PathwiseError);
  return [(error as PathwiseError).code, (error as PathwiseError).message];
};

describe('the wasm engine', () => {
  test.each([1, 7, 8, 9, 16, 17])('%i rows: each has the bits that it has alone', async (count) => {
    const executable = await wasmEngine.load(network());
    const x = rows(count);
    const together = await executable.run({ x }, ['probability', 'hidden']);
    for (const name of ['probability', 'hidden']) {
      const { data, shape } = together[name]!;
      const size = data.length / count;
      expect(shape[0]).toBe(count);
      for (const row of [0, count - 1]) {
        const one = { ...x, shape: [1, 2, 6, 6], data: (x.data as Float32Array).slice(72 * row, 72 * (row + 1)) };
        const alone = (await executable.run({ x: one }, [name]))[name]!;
        expect(Array.from(alone.data, Number)).toEqual(Array.from(data.subarray(row * size, (row + 1) * size), Number));
      }
    }
  });

  test('any tensor can be read and fed; one row serves all', async () => {
    const graph = network();
    const [ours, reference] = await Promise.all([wasmEngine.load(graph), referenceEngine.load(graph)]);
    const { hidden } = await ours.run({ x: rows(3) }, ['hidden']);
    const wanted = ['score', 'hidden', 'probability', 'score'];
    const [a, b] = await Promise.all([
      ours.run({ hidden: hidden! }, wanted),
      reference.run({ hidden: hidden! }, wanted),
    ]);
    for (const name of wanted) expect([...a[name]!.data]).toBeClose([...b[name]!.data] as number[], { scale: 1e-5 });
    expect(ours.rows).toBe(6);
  });

  test('says what it lacks, by op and before anything is computed', async () => {
    const b = graphBuilder();
    const x = b.input('x', [1, 1, 2, 2]);
    const attrs = { kernel_shape: [2, 2], storage_order: 1 };
    const [values, places] = b.apply('MaxPool', [x], attrs, { name: 'pool', outputs: ['v', 'i'] });
    const graph = b.build([values!, places!]);
    const reason = 'places counted by columns (storage_order 1) have no kernel';
    expect(wasmEngine.supports(graph)).toEqual({ ok: false, missing: [{ node: 'pool', op: 'MaxPool', reason }] });
    const executable = await wasmEngine.load(graph);
    expect(await code(executable.run({ x: stacked([1, 1, 2, 2], 1, () => 0) }, [values!, places!]))).toEqual([
      'UNSUPPORTED_OP',
      `node "pool" (MaxPool): ${reason}`,
    ]);
  });

  test('float64 models are refused: the core computes in float32', () => {
    const b = graphBuilder();
    const x = b.input('x', [1, 2], 'float64');
    const support = wasmEngine.supports(b.build([b.exp(x)]));
    expect(support.ok ? [] : support.missing.map(({ reason }) => reason)).toContain(
      'element type float64 has no kernels',
    );
  });

  // What has no kernel yet; everything else must be found supported, or this list changes.
  test('ops without a kernel', () => {
    const lacking = allOps.filter((op) =>
      op.examples.every((example) => {
        const one = opCase(op, example, 'first', 1, 1) ?? opCase(op, example, 'all', 1, 1);
        return one !== null && !wasmEngine.supports(one.graph).ok;
      }),
    );
    expect(lacking.map(({ name }) => name)).toMatchInlineSnapshot(`
      [
        "Cast",
        "CastLike",
      ]
    `);
  });

  test('feeds of wrong shapes', async () => {
    const executable = await wasmEngine.load(network());
    expect(await code(executable.run({ x: stacked([1, 3, 6, 6], 2, () => 0) }, ['score']))).toEqual([
      'BAD_SHAPE',
      'wasm engine: expected rows of shape [1,2,6,6] for "x", got [2,3,6,6]',
    ]);
    const b = graphBuilder();
    const sum = b.add(b.input('x', [1, 2]), b.input('y', [1, 2]), 'sum');
    const two = await wasmEngine.load(b.build([sum]));
    const feeds = { x: stacked([1, 2], 2, () => 0), y: stacked([1, 2], 3, () => 0) };
    expect(await code(two.run(feeds, ['sum']))).toEqual(['BAD_SHAPE', 'feed "y" has 3 rows, others have 2']);
  });

  test('integers that float32 does not hold', async () => {
    const b = graphBuilder();
    const table = b.constant({ dtype: 'float32', shape: [3, 1], data: Float32Array.of(1, 2, 3) });
    const graph = b.build([b.emit('Gather', [table, b.input('ids', [1, 2], 'int64')], {}, 'vectors')]);
    const executable = await wasmEngine.load(graph);
    const run = (...ids: bigint[]): Promise<unknown> =>
      executable.run({ ids: { dtype: 'int64', shape: [1, 2], data: BigInt64Array.from(ids) } }, ['vectors']);
    expect(await run(2n, 0n)).toMatchObject({ vectors: { shape: [1, 2, 1], data: Float32Array.of(3, 1) } });
    expect(await code(run(3n, 0n))).toEqual(['BAD_ARGUMENT', 'wasm: an index lies outside of the axis it points into']);
    expect((await code(run(2n ** 24n + 1n, 0n)))[1]).toContain('holds the integer 16777217; beyond 2^24');
  });

  test('stays within maxBytes, or says so', async () => {
    const small = await wasmEngine.load(network(), { maxBytes: 2000 });
    expect((await code(small.run({ x: rows(1) }, ['score'])))[0]).toBe('BUDGET');
    const enough = await wasmEngine.load(network(), { maxBytes: 100_000 });
    expect((await enough.run({ x: rows(100) }, ['score'])).score!.shape).toEqual([100, 3]);
  });

  test('is cancelled between tiles', async () => {
    const executable = await wasmEngine.load(network());
    const controller = new AbortController();
    controller.abort();
    expect((await code(executable.run({ x: rows(9) }, ['score'], { signal: controller.signal })))[0]).toBe('CANCELLED');
  });

  test('cannot be used after it was disposed of', async () => {
    const executable = await wasmEngine.load(network());
    executable.dispose();
    expect((await code(executable.run({ x: rows(1) }, ['score'])))[0]).toBe('BAD_ARGUMENT');
  });
});
