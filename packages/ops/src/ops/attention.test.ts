import { describe, expect, test } from 'vitest';
import { float64, tensor, toFloat64 } from '@pathwise/model';
import { evaluateOp } from '../../test/evaluate.ts';
import { gradientAt } from '../../test/gradient-at.ts';
import { pattern } from '../../test/pattern.ts';
import { graphBuilder, lowerGraph, referenceEngine } from '../index.ts';

// Expected numbers: torch 2.13, scaled_dot_product_attention in float64.
describe('Attention', () => {
  test('causal, two query heads on each key head', () => {
    const inputs = [pattern([1, 4, 3, 2]), pattern([1, 2, 3, 2], 5, 13), pattern([1, 2, 3, 2], 3, 7)];
    expect(evaluateOp('Attention', inputs, { is_causal: 1 })[0].data).toBeClose(
      [
        -0.75, 0.0, -0.48667575748, -0.043887373753, 0.325885027616, -0.220074468738, -0.75, 0.0, -0.595664513777,
        -0.025722581037, 0.109671294528, -0.162241849959, 0.25, -0.75, 0.172252505435, -0.283515032611, 0.107210771429,
        -0.012268589094, 0.25, -0.75, 0.1414763868, -0.098858320803, 0.083664042751, 0.164129984109,
      ],
      { atol: 1e-11 },
    );
  });

  test('added mask with -Infinity, scale', () => {
    const mask = float64([2, 3], [0.5, -1, -Infinity, 0, 2, -0.25]);
    const inputs = [pattern([1, 1, 2, 2]), pattern([1, 1, 3, 2], 5, 13), pattern([1, 1, 3, 2], 3, 7), mask];
    expect(evaluateOp('Attention', inputs, { scale: 0.3 })[0].data).toBeClose(
      [-0.641360271958, -0.01810662134, 0.45129380914, -0.256454398519],
      { atol: 1e-11 },
    );
  });

  test('a query that may look nowhere gives zeros and has a finite, zero gradient', async () => {
    const mask = tensor('bool', [2, 2], [0, 0, 1, 1]);
    const inputs = [pattern([1, 1, 2, 2]), pattern([1, 1, 2, 2], 5, 13), pattern([1, 1, 2, 2], 3, 7), mask];
    expect(evaluateOp('Attention', inputs)[0].data.slice(0, 2)).toEqual(Float64Array.of(0, 0));
    const [dq, dk, dv] = await gradientAt('Attention', inputs, {}, [1, 2, 3, 4]);
    expect(dq!.slice(0, 2)).toBeClose([0, 0]);
    for (const gradient of [dq, dk, dv]) expect(gradient!.every(Number.isFinite)).toBe(true);
  });

  test('lowered, masks leave every tensor finite', async () => {
    const b = graphBuilder();
    const x = b.input('x', [1, 1, 2, 2]);
    const mask = b.constant(float64([2, 2], [-Infinity, -Infinity, 0, -Infinity]));
    b.apply('Attention', [x, x, x, mask], { is_causal: 1 }, { outputs: ['y'] });
    const graph = lowerGraph(b.build(['y']));
    const engine = await referenceEngine.load(graph);
    const names = graph.nodes
      .flatMap((node) => node.outputs)
      .filter((name) => graph.types.get(name)!.dtype === 'float32');
    const values = await engine.run({ x: pattern([1, 1, 2, 2]) }, ['y', ...names]);
    for (const { data } of Object.values(values)) expect(toFloat64(data).every(Number.isFinite)).toBe(true);
  });

  test('shapes that do not fit', () => {
    const run = (attrs: object, ...shapes: number[][]) =>
      evaluateOp(
        'Attention',
        shapes.map((shape) => pattern(shape)),
        { ...attrs },
      );
    expect(() => run({}, [1, 2, 4], [1, 2, 4], [1, 2, 4])).toThrow('q_num_heads and kv_num_heads');
    expect(() => run({}, [1, 3, 2, 2], [1, 2, 2, 2], [1, 2, 2, 2])).toThrow('fitting Q [1,3,2,2]');
    expect(() => run({}, [1, 1, 2, 2], [1, 1, 2, 2], [1, 1, 2, 2], [3, 2])).toThrow('broadcast');
  });
});

describe('RotaryEmbedding', () => {
  // By definition: pairs (1, 3) and (2, 4) by 90 degrees, or (1, 2) and (3, 4) if interleaved; then (a, b) is (-b, a).
  test.each([
    [0, [-3, -4, 1, 2]],
    [1, [-2, 1, -4, 3]],
  ])('interleaved %i', (interleaved, expected) => {
    const inputs = [float64([1, 1, 1, 4], [1, 2, 3, 4]), float64([1, 1, 2], [0, 0]), float64([1, 1, 2], [1, 1])];
    expect(evaluateOp('RotaryEmbedding', inputs, { interleaved })[0].data).toBeClose(expected);
  });
});
