import { describe, expect, test } from 'vitest';
import { float32, tensor, toFloat64, type Tensor } from '@pathwise/model';
import { differentiate } from '@pathwise/graph';
import { graphBuilder, lowerGraph, ops, referenceEngine, type OpBuilder } from '../index.ts';

/** The gradient of <cotangent, f(x)>. */
async function gradient(x: Tensor, cotangent: Tensor, f: (b: OpBuilder, x: string) => string): Promise<Float64Array> {
  const b = graphBuilder();
  const y = f(b, b.input('x', x.shape));
  const derived = differentiate(lowerGraph(b.build([y])), { targets: [y], wrt: ['x'], ops });
  const name = derived.gradients.get('x')!;
  const engine = await referenceEngine.load(derived.graph);
  const result = await engine.run({ x, [derived.seeds.get(y)!]: cotangent }, [name]);
  return toFloat64(result[name].data);
}

function evaluate(op: string, inputs: readonly (Tensor | null)[], attrs = {}): Float64Array {
  const b = graphBuilder();
  const [y] = b.apply(
    op,
    inputs.map((value) => (value === null ? null : b.constant(value))),
    attrs,
  );
  return toFloat64(b.constantOf(y!)!.data);
}

describe('straight through', () => {
  test('QuantizeLinear and DequantizeLinear: 1 inside the range, 0 where clamped', async () => {
    // int8, zero point 10, scale 0.5: levels -128..127 stand for -69..58.5, a quarter more still rounds to the ends.
    const x = float32([1, 6], [-69.3, -69.2, 0, 1.23, 58.7, 58.8]);
    const dy = float32([1, 6], [1, 2, 3, 4, 5, 6]);
    const dx = await gradient(x, dy, (b, x) => {
      const [scale, zero] = [b.constant(float32([], [0.5])), b.constant(tensor('int8', [], [10]))];
      const q = b.emit('QuantizeLinear', [x, scale, zero]);
      return b.emit('DequantizeLinear', [q, scale, zero]);
    });
    expect(dx).toBeClose([0, 2, 3, 4, 5, 0]);
  });

  test('through data movement between quantized tensors', async () => {
    const scale = float32([], [0.25]);
    const dx = await gradient(float32([1, 3], [1, 2, 3]), float32([2], [10, 20]), (b, x) => {
      const q = b.emit('QuantizeLinear', [x, b.constant(scale), b.constant(tensor('uint8', [], [0]))]);
      const moved = b.reshape(b.slice(q, [1], [3], [1]), [2]);
      return b.emit('DequantizeLinear', [moved, b.constant(float32([], [0.5]))]);
    });
    // The second scale is twice the first.
    expect(dx).toBeClose([0, 20, 40]);
  });

  test('DynamicQuantizeLinear, MatMulInteger, scales multiplied back: the gradient of the float product', async () => {
    const w = tensor('int8', [2, 3], [1, -2, 3, 4, 0, -5]);
    const zero = tensor('int8', [3], [1, 0, -1]);
    const scale = float32([3], [0.5, 2, 0.25]);
    const dx = await gradient(float32([1, 2], [0.7, -1.1]), float32([1, 3], [1, 10, 100]), (b, x) => {
      const [q, s, z] = b.apply('DynamicQuantizeLinear', [x], {}, { outputs: ['q', 's', 'z'] });
      const product = b.emit('MatMulInteger', [q!, b.constant(w), z!, b.constant(zero)]);
      return b.mul(b.mul(b.emit('Cast', [product], { to: 'float32' }), s!), scale);
    });
    // dx = (W - zero) scale . dy: row 0: 0 * 0.5 * 1 - 2 * 2 * 10 + 4 * 0.25 * 100, row 1: 3 * 0.5 + 0 - 4 * 0.25 * 100
    expect(dx).toBeClose([60, -98.5]);
  });

  describe('QLinearConv, lowered', () => {
    const x = float32([1, 1, 2, 2], [0.1, 0.2, -0.3, 0.4]);
    const layer = (b: OpBuilder, x: string): string => {
      const [sx, zx, w, sw, zw, sy, zy, bias] = [
        float32([], [0.01]),
        tensor('uint8', [], [128]),
        tensor('int8', [2, 1, 1, 1], [4, -3]),
        float32([2], [0.5, 0.25]),
        tensor('int8', [2], [0, 1]),
        float32([], [0.05]),
        tensor('uint8', [], [128]),
        tensor('int32', [2], [700, -900]),
      ].map((value) => b.constant(value)) as [string, string, string, string, string, string, string, string];
      const q = b.emit('QuantizeLinear', [x, sx, zx]);
      const y = b.emit('QLinearConv', [q, sx, zx, w, sw, zw, sy, zy, bias]);
      return b.emit('DequantizeLinear', [y, sy, zy]);
    };

    test('gradient', async () => {
      const dx = await gradient(x, float32([1, 2, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8]), layer);
      // Channels have weights 4 * 0.5 = 2 and (-3 - 1) * 0.25 = -1.
      expect(dx).toBeClose([2 - 5, 4 - 6, 6 - 7, 8 - 8]);
    });

    test('values: the bias has the scale of the product', async () => {
      const b = graphBuilder();
      const graph = b.build([layer(b, b.input('x', x.shape))]);
      // 2 x + 700 * 0.005 and -x - 900 * 0.0025, to multiples of 0.05 (0.05 * 128 = 6.4 is the range).
      const expected = [3.7, 3.9, 2.9, 4.3, -2.35, -2.45, -1.95, -2.65];
      for (const g of [graph, lowerGraph(graph)]) {
        const engine = await referenceEngine.load(g);
        const result = await engine.run({ x }, g.outputs);
        expect(result[g.outputs[0]].data).toBeClose(expected, { atol: 1e-6 });
      }
    });
  });
});

describe('values', () => {
  // ONNX standard, QuantizeLinear: "rounding to the nearest even", saturation, and the zero point added after rounding.
  test('QuantizeLinear rounds halves to even and saturates', () => {
    const x = float32([7], [0.5, 1.5, 2.5, -0.5, -1.5, 1000, -1000]);
    expect(evaluate('QuantizeLinear', [x, float32([], [1]), tensor('int8', [], [3])], { axis: 0 })).toBeClose([
      3, 5, 5, 3, 1, 127, -128,
    ]);
  });

  // Numbers of the ONNX node test of DynamicQuantizeLinear: -2.5 / float32(5/255) lies just above -127.5.
  test('DynamicQuantizeLinear decides in float32', () => {
    expect(evaluate('DynamicQuantizeLinear', [float32([6], [0, 2, -3, -2.5, 1.34, 0.5])])).toBeClose([
      153, 255, 0, 26, 221, 179,
    ]);
  });

  // Closed form: (x - zero point) * scale with blocks of two rows, the last one short.
  test('DequantizeLinear by blocks', () => {
    const x = tensor('int8', [3, 2], [1, 2, 3, 4, 5, 6]);
    const scale = float32([2, 2], [1, 10, 100, 1000]);
    const zero = tensor('int8', [2, 2], [0, 1, 2, 3]);
    expect(evaluate('DequantizeLinear', [x, scale, zero], { axis: 0, block_size: 2 })).toBeClose([
      1, 10, 3, 30, 300, 3000,
    ]);
  });

  test('a scale that does not fit is refused', () => {
    expect(() =>
      evaluate('DequantizeLinear', [tensor('int8', [2, 3], [1, 2, 3, 4, 5, 6]), float32([2], [1, 2])]),
    ).toThrow(/expected shape \[\], \[3\] or blocks along axis 1 for scale, got \[2\]/);
  });

  test('ConvInteger: a zero point for each output channel', () => {
    const x = tensor('uint8', [1, 1, 1, 2], [5, 7]);
    const w = tensor('uint8', [2, 1, 1, 1], [3, 3]);
    const y = evaluate('ConvInteger', [x, w, tensor('uint8', [], [4]), tensor('uint8', [2], [1, 3])]);
    // (5 - 4, 7 - 4) times (3 - 1) and (3 - 3)
    expect(y).toBeClose([2, 6, 0, 0]);
  });

  test('QLinearMatMul', () => {
    const inputs = [
      tensor('uint8', [1, 2], [130, 120]),
      float32([], [0.5]),
      tensor('uint8', [], [128]),
      tensor('int8', [2, 1], [3, -2]),
      float32([1], [0.25]),
      tensor('int8', [1], [1]),
      float32([], [0.5]),
      tensor('uint8', [], [10]),
    ];
    // a = (1, -4), b = (0.5, -0.75): 3.5, seven steps of 0.5 above the zero point.
    expect(evaluate('QLinearMatMul', inputs)).toBeClose([17]);
  });
});
