import fc from 'fast-check';
import { float32, tensor, type DType, type Tensor } from '@pathwise/model';
import { axesOf, between, list, optional, shapes, upTo } from './arbitraries.ts';
import type { GeneratedCase, Generators } from './generated-case.ts';
import { PRODUCTS } from './products.ts';
import { WINDOWS } from './windows.ts';

const scales = (shape: readonly number[]): fc.Arbitrary<Tensor> =>
  list(
    shape.reduce((n, size) => n * size, 1),
    between(0.03, 1),
  ).map((values) => float32(shape, values));
const zeros = (shape: readonly number[], dtype: DType): fc.Arbitrary<Tensor> =>
  list(
    shape.reduce((n, size) => n * size, 1),
    dtype === 'uint8' ? fc.integer({ min: 110, max: 140 }) : fc.integer({ min: -20, max: 20 }),
  ).map((values) => tensor(dtype, shape, values));
const bytes = fc.constantFrom<DType>('uint8', 'int8');

/** One scale, one a position of an axis, or one a block; the numbers lie well inside the range. */
const quantizeLinear: fc.Arbitrary<GeneratedCase> = shapes.chain((shape) =>
  fc
    .tuple(axesOf(shape, 1), fc.constantFrom('one', 'axis', 'block'), upTo(3), bytes)
    .chain(([[axis], layout, block, dtype]) => {
      const along = axis! < 0 ? axis! + shape.length : axis!;
      const blocks = shape.with(along, Math.ceil(shape[along]! / block));
      const layoutShape = layout === 'one' ? [] : layout === 'axis' ? [shape[along]!] : blocks;
      const typed = { output_dtype: 'int16', axis: axis!, ...(layout === 'block' && { block_size: block }) };
      return fc.tuple(scales(layoutShape), optional(zeros(layoutShape, dtype))).map(([scale, zero]) => ({
        attrs: typed,
        inputs: [shape, scale, zero],
      }));
    }),
);

/** Shapes of two factors, and of the vectors of scales or zero points that they may have besides one in all. */
interface Factors {
  readonly attrs: GeneratedCase['attrs'];
  readonly left: readonly number[];
  readonly right: readonly number[];
  readonly leftVector: readonly number[];
  readonly rightVector: readonly number[];
  readonly bias: readonly number[] | null;
}

const convolutions: fc.Arbitrary<Factors> = WINDOWS['Conv']!.map(({ attrs, inputs }) => {
  const [left, right, bias = null] = inputs as [number[], number[], number[]?];
  return { attrs, left, right, leftVector: [], rightVector: [right[0]!], bias };
});
const matrixProducts: fc.Arbitrary<Factors> = PRODUCTS['MatMul']!.map(({ attrs, inputs }) => {
  const [left, right] = inputs as [number[], number[]];
  const vectorOf = (shape: readonly number[], axis: number): number[] => (shape.length > 1 ? [shape.at(axis)!] : []);
  return { attrs, left, right, leftVector: vectorOf(left, -2), rightVector: vectorOf(right, -1), bias: null };
});

const oneOrVector = (vector: readonly number[]): fc.Arbitrary<readonly number[]> => fc.constantFrom([], vector);

const integerProduct = (factors: fc.Arbitrary<Factors>): fc.Arbitrary<GeneratedCase> =>
  factors.chain(({ attrs, left, right, leftVector, rightVector }) =>
    fc.tuple(oneOrVector(leftVector), oneOrVector(rightVector)).chain(([a, b]) =>
      fc.tuple(optional(zeros(a, 'uint8')), optional(zeros(b, 'int8'))).map(([zeroA, zeroB]) => ({
        attrs: attrs ?? {},
        inputs: [left, right, zeroA, zeroB],
      })),
    ),
  );

const quantizedProduct = (factors: fc.Arbitrary<Factors>): fc.Arbitrary<GeneratedCase> =>
  factors.chain(({ attrs, left, right, leftVector, rightVector, bias }) =>
    fc.tuple(oneOrVector(leftVector), oneOrVector(rightVector)).chain(([a, b]) =>
      fc
        .tuple(scales(a), zeros(a, 'int8'), scales(b), zeros(b, 'int8'), scales([]), zeros([], 'int32'))
        .map(([scaleA, zeroA, scaleB, zeroB, scaleY, zeroY]) => ({
          attrs: attrs ?? {},
          inputs: [left, scaleA, zeroA, right, scaleB, zeroB, scaleY, zeroY, ...(bias === null ? [] : [bias])],
        })),
    ),
  );

/** Ops whose result is integers but that take the gradient of the numbers those were rounded from. */
export const QUANTIZED: Generators = {
  QuantizeLinear: quantizeLinear,
  DynamicQuantizeLinear: shapes.map((shape) => ({ inputs: [shape] })),
  ConvInteger: integerProduct(convolutions),
  MatMulInteger: integerProduct(matrixProducts),
  QLinearConv: quantizedProduct(convolutions),
  QLinearMatMul: quantizedProduct(matrixProducts),
};
