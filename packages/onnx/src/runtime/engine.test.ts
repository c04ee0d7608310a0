import { describe, expect, test } from 'vitest';
import { float32, int64, PathwiseError, type Tensor } from '@pathwise/model';
import type { Engine, Graph } from '@pathwise/graph';
import { graphBuilder, referenceEngine } from '@pathwise/ops';
import { createOrtEngine } from './index.ts';

/** A small network with inner tensors "hidden" and "score", and a constant output. */
function network(): Graph {
  const b = graphBuilder();
  const x = b.input('x', [1, 3]);
  const hidden = b.relu(b.gemm(x, float32([3, 2], [1, -1, 0.5, 2, -0.25, 1])), 'hidden');
  const score = b.gemm(hidden, float32([2, 2], [1, 2, -1, 0.5]), null, {}, 'score');
  return b.build([b.softmax(score, -1, 'probability'), b.constant(int64([2], [3, 4]), 'fixed')]);
}

const rows = (count: number): Tensor =>
  float32(
    [count, 3],
    Array.from({ length: 3 * count }, (_, i) => Math.sin(i)),
  );

const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'nothing',
    (error: unknown) => (error as PathwiseError).code,
  );

describe.each<[string, Engine]>([
  ['onnxruntime-node', createOrtEngine({ runtime: () => import('onnxruntime-node') })],
  ['onnxruntime-web', createOrtEngine({ runtime: () => import('onnxruntime-web') })],
])('the engine on %s', (_name, engine) => {
  // A call takes eight rows: fewer, exact, one more, and several.
  test.each([1, 7, 8, 9, 17])('%i rows: each has the bits that it has alone', async (count) => {
    const executable = await engine.load(network());
    const x = rows(count);
    const { probability } = await executable.run({ x }, ['probability']);
    for (let row = 0; row < count; row++) {
      const one = float32([1, 3], Array.from(x.data.subarray(3 * row, 3 * row + 3), Number));
      const alone = (await executable.run({ x: one }, ['probability']))['probability']!;
      expect([...alone.data]).toEqual([...probability!.data.subarray(2 * row, 2 * row + 2)]);
    }
  });

  test.each([1, 2, 3])('%i workers: each row has the bits that it has alone', async (workers) => {
    const executable = await engine.load(network(), { workers });
    const { probability } = await executable.run({ x: rows(35) }, ['probability']);
    expect(probability!.shape).toEqual([35, 2]);
    expect(executable.rows).toBe(35);
    for (const row of [0, 8, 23, 34]) {
      const x = float32([1, 3], Array.from(rows(35).data.subarray(3 * row, 3 * row + 3), Number));
      const alone = (await executable.run({ x }, ['probability']))['probability']!;
      expect([...alone.data]).toEqual([...probability!.data.subarray(2 * row, 2 * row + 2)]);
    }
    executable.dispose();
  });

  test('any tensor can be read and fed; one row serves all; constants and feeds can be asked for', async () => {
    const b = graphBuilder();
    const [p, q] = [b.input('p', [1, 2]), b.input('q', [2])];
    const graph = b.build([b.add(p, q, 'sum'), b.constant(int64([2], [3, 4]), 'fixed')]);
    const feeds = { p: float32([3, 2], [1, 2, 3, 4, 5, 6]), q: float32([2], [10, 20]) };
    const outputs = await (await engine.load(graph)).run(feeds, ['sum', 'fixed', 'q', 'p', 'sum']);
    expect(outputs['sum']).toEqual(float32([3, 2], [11, 22, 13, 24, 15, 26]));
    expect(outputs['fixed']).toEqual(int64([3, 2], [3, 4, 3, 4, 3, 4]));
    expect(outputs['q']!.shape).toEqual([3, 2]);
    expect(outputs['p']).toEqual(feeds.p);

    const inner = { hidden: float32([2, 2], [1, 0, 0, 2]) };
    const [ours, reference] = await Promise.all([engine.load(network()), referenceEngine.load(network())]);
    const [a, e] = await Promise.all([ours.run(inner, ['score']), reference.run(inner, ['score'])]);
    expect([...a['score']!.data] as number[]).toBeClose([...e['score']!.data] as number[], { scale: 1e-6 });
  });

  test('refuses feeds of other shapes, stops when asked to, and cannot be used after disposal', async () => {
    const executable = await engine.load(network());
    expect(await codeOf(executable.run({ x: float32([1, 2], [1, 2]) }, ['score']))).toBe('BAD_SHAPE');
    expect(await codeOf(executable.run({ x: rows(2) }, ['score'], { signal: AbortSignal.abort() }))).toBe('CANCELLED');
    executable.dispose();
    expect(await codeOf(executable.run({ x: rows(1) }, ['score']))).toBe('BAD_ARGUMENT');
  });

  test('names the node that the runtime computes otherwise', () => {
    const b = graphBuilder();
    const y = b.apply('Not', [b.input('x', [1, 2])], {}, { name: 'inverted', outputs: ['y'] });
    expect(engine.supports(b.build(y))).toEqual({
      ok: false,
      missing: [{ node: 'inverted', op: 'Not', reason: 'ONNX Runtime takes inputs of type bool only' }],
    });
  });

  test('what the runtime refuses is an error with its reason', async () => {
    const b = graphBuilder();
    const graph = b.build(b.apply('Not', [b.input('x', [1, 2])], {}, { name: 'inverted', outputs: ['y'] }));
    const executable = await engine.load(graph);
    await expect(executable.run({ x: float32([1, 2], [0, 1]) }, ['y'])).rejects.toThrow(
      /^engine "ort": ONNX Runtime refuses this graph \(.*operator \(Not\)/u,
    );
  });
});
