import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { float32, sizeOf, toFloat64, type Tensor } from '@pathwise/model';
import { completeAttrs, differentiate, type Attrs, type Graph } from '@pathwise/graph';
import { lowerGraph, ops, referenceEngine, type OpBuilder } from '../src/index.ts';
import { uniformFrom } from '../../model/testing/uniform.ts';
import { evaluateOp } from './evaluate.ts';
import { described, isShape, type GeneratedCase } from './generators/generated-case.ts';
import { QUANTIZED } from './generators/quantized.ts';

type Refs = readonly (string | null | undefined)[];
type Smooth = (b: OpBuilder, refs: Refs, attrs: Attrs, x: Tensor) => string;

/** A vector of scales or zero points seen along `axis` of x; one in all stays. */
const along = (b: OpBuilder, vector: string, x: string, axis: number): string => {
  const shape = b.shape(x);
  const target = axis < 0 ? axis + shape.length : axis;
  const [size = 1] = b.shape(vector);
  return size === 1
    ? b.reshape(vector, [])
    : b.reshape(
        vector,
        shape.map((_, i) => (i === target ? size : 1)),
      );
};
const less = (b: OpBuilder, x: string, zero: string | null | undefined, axis: number): string =>
  zero ? b.sub(x, along(b, b.castLike(zero, x), x, axis)) : x;

/** [left, right] axes of the vectors: rows and columns, or the output channels. */
const integerProduct =
  (base: string, axes: readonly [number, number]): Smooth =>
  (b, [left, right, zeroA, zeroB], attrs) =>
    b.emit(base, [less(b, left!, zeroA, axes[0]), less(b, right!, zeroB, axes[1])], attrs);

const quantizedProduct =
  (base: string, axes: readonly [number, number]): Smooth =>
  (b, [left, scaleA, zeroA, right, scaleB, zeroB, scaleY, , bias], attrs) => {
    const x = b.mul(less(b, left!, zeroA, axes[0]), along(b, scaleA!, left!, axes[0]));
    const w = b.mul(less(b, right!, zeroB, axes[1]), along(b, scaleB!, right!, axes[1]));
    const offset = bias ? b.mul(b.mul(bias, scaleA!), scaleB!) : null;
    return b.div(b.emit(base, offset === null ? [x, w] : [x, w, offset], attrs), scaleY!);
  };

/** What each op would be if nothing were rounded: by the ONNX standard, without the zero point of the result. */
const UNROUNDED: Readonly<Record<string, Smooth>> = {
  QuantizeLinear: (b, [x, scale], attrs) => {
    const inverse = b.unary('Reciprocal', scale!);
    return b.emit('DequantizeLinear', [x!, inverse], { axis: attrs['axis']!, block_size: attrs['block_size']! });
  },
  DynamicQuantizeLinear: (b, [x], _attrs, value) =>
    b.div(x!, evaluateOp('DynamicQuantizeLinear', [value], {}, 3)[1]!.data[0]!),
  ConvInteger: integerProduct('Conv', [1, 0]),
  MatMulInteger: integerProduct('MatMul', [-2, -1]),
  QLinearConv: quantizedProduct('Conv', [1, 0]),
  QLinearMatMul: quantizedProduct('MatMul', [-2, -1]),
};

/** A graph of the op or of its unrounded form, and the names of its float inputs. */
function graphOf(
  { inputs }: GeneratedCase,
  emit: (b: OpBuilder, refs: (string | null)[]) => string,
): { graph: Graph; moving: string[] } {
  const b = ops.builder();
  const moving: string[] = [];
  const refs = inputs.map((input, i) => {
    if (input === null) return null;
    if (!isShape(input)) return b.constant(input);
    moving.push(`x${i}`);
    return b.input(`x${i}`, input);
  });
  return { graph: lowerGraph(b.build([emit(b, refs)])), moving };
}

async function gradientsOf(
  { graph, moving }: ReturnType<typeof graphOf>,
  feeds: Record<string, Tensor>,
  seed: number,
): Promise<Float64Array[]> {
  const [target] = graph.outputs as [string];
  const derived = differentiate(graph, { targets: [target], wrt: moving, ops });
  const { shape } = graph.types.get(target)!;
  const uniform = uniformFrom(seed);
  const cotangent = float32(
    shape,
    Array.from({ length: sizeOf(shape) }, () => 2 * uniform() - 1),
  );
  const names = moving.map((name) => derived.gradients.get(name)!);
  const engine = await referenceEngine.load(derived.graph);
  const result = await engine.run({ ...feeds, [derived.seeds.get(target)!]: cotangent }, names);
  return names.map((name) => toFloat64(result[name]!.data));
}

// Rounding has derivative 0; by convention the gradient is that of the op without it (Bengio, Léonard, Courville 2013,
// arXiv:1308.3432). The unrounded forms are checked against central differences in generated-gradients.test.ts.
describe('the gradient of a quantized op is that of the op without rounding', () => {
  test.each(Object.entries(QUANTIZED))('%s', async (name, generator) => {
    const op = ops.get(name)!;
    let steepest = 0;
    await fc.assert(
      fc.asyncProperty(described(name, generator), fc.noShrink(fc.nat()), async (one, seed) => {
        const uniform = uniformFrom(seed);
        const feeds: Record<string, Tensor> = {};
        for (const [i, shape] of one.inputs.entries()) {
          if (shape === null || !isShape(shape)) continue;
          const values = Array.from({ length: sizeOf(shape) }, () => 4 * uniform() - 2);
          feeds[`x${i}`] = float32(shape, values);
        }
        const attrs = completeAttrs(op, one.attrs ?? {}, name);
        const rounded = graphOf(one, (b, refs) =>
          b.emit('DequantizeLinear', [b.emit(name, refs, one.attrs ?? {}), b.constant(float32([], [1]))]),
        );
        const smooth = graphOf(one, (b, refs) => UNROUNDED[name]!(b, refs, attrs, feeds['x0']!));
        const actual = await gradientsOf(rounded, feeds, seed);
        const expected = await gradientsOf(smooth, feeds, seed);
        for (const [i, gradient] of expected.entries()) {
          steepest = Math.max(steepest, ...gradient.map(Math.abs));
          expect(actual[i]).toBeClose(gradient, { rtol: 1e-9, atol: 1e-9 });
        }
      }),
      { numRuns: 40, seed: 3 },
    );
    expect(steepest).toBeGreaterThan(1e-3);
  });
});

test('every such op is covered', () => {
  const named = ops.all.filter((op) => op.straightThrough === true).map((op) => op.name);
  expect(Object.keys(QUANTIZED).toSorted()).toEqual(named.toSorted());
});
