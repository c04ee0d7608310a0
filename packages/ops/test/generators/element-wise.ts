import fc from 'fast-check';
import type { Attrs } from '@pathwise/graph';
import { int64, sizeOf } from '@pathwise/model';
import {
  between,
  broadcasting,
  broadcastingTo,
  conditions,
  constants,
  list,
  optional,
  shapesAndScalar,
} from './arbitraries.ts';
import type { GeneratedCase, Generators } from './generated-case.ts';

type Domain = readonly [number, number];
const NO_ATTRS: fc.Arbitrary<Attrs> = fc.constant({});

/** An op of one input; `domain` where it is not defined, or is not smooth, everywhere. */
const unary = (attrs = NO_ATTRS, domain?: Domain): fc.Arbitrary<GeneratedCase> =>
  fc
    .tuple(shapesAndScalar, attrs)
    .map(([shape, values]) => ({ attrs: values, inputs: [shape], ...(domain && { domain }) }));
const binary = (attrs: Attrs = {}, domain?: Domain): fc.Arbitrary<GeneratedCase> =>
  broadcasting(2).map((inputs) => ({ attrs, inputs, ...(domain && { domain }) }));
const variadic: fc.Arbitrary<GeneratedCase> = fc
  .integer({ min: 1, max: 4 })
  .chain((count) => broadcasting(count).map((inputs) => ({ inputs })));

/** One of the two halves of the line, away from 0. */
const awayFromZero: fc.Arbitrary<Domain> = fc.constantFrom([0.4, 2], [-2, -0.4]);
const divided = (attrs: Attrs): fc.Arbitrary<GeneratedCase> =>
  fc.tuple(broadcasting(2), awayFromZero).map(([inputs, domain]) => ({ attrs, inputs, domain }));

const powers: fc.Arbitrary<GeneratedCase> = fc.oneof(
  binary({}, [0.5, 2]),
  // Integer exponents: any base.
  fc.tuple(shapesAndScalar, fc.integer({ min: 0, max: 4 })).map(([shape, y]) => ({ inputs: [shape, int64([], [y])] })),
  shapesAndScalar.chain((shape) =>
    broadcastingTo(shape).chain((exponents) =>
      constants(exponents, -2, 3).map((y) => ({ inputs: [shape, y], domain: [0.5, 2] as const })),
    ),
  ),
  shapesAndScalar.chain((shape) =>
    broadcastingTo(shape).chain((bases) => constants(bases, 0.5, 2).map((x) => ({ inputs: [x, shape] }))),
  ),
);

const bound = fc.oneof(fc.constant(null), constants([], -1.5, 1.5), fc.constant<readonly number[]>([]));

export const ELEMENT_WISE: Generators = {
  Abs: unary(),
  Acos: unary(NO_ATTRS, [-0.9, 0.9]),
  Acosh: unary(NO_ATTRS, [1.2, 4]),
  Asin: unary(NO_ATTRS, [-0.9, 0.9]),
  Asinh: unary(),
  Atan: unary(),
  Atanh: unary(NO_ATTRS, [-0.9, 0.9]),
  Cast: unary(fc.record({ to: fc.constantFrom('float32', 'float64', 'float16') })),
  Celu: unary(fc.record({ alpha: fc.oneof(between(0.3, 2), between(-2, -0.6)) })),
  Cos: unary(),
  Cosh: unary(),
  Elu: unary(fc.record({ alpha: between(-1, 2) })),
  Erf: unary(),
  Exp: unary(),
  Gelu: unary(fc.record({ approximate: fc.constantFrom('none', 'tanh') })),
  HardSigmoid: unary(fc.record({ alpha: between(-0.8, 0.8), beta: between(0.2, 0.8) }), [-3, 3]),
  HardSwish: unary(NO_ATTRS, [-5, 5]),
  Identity: unary(),
  LeakyRelu: unary(fc.record({ alpha: between(-1, 2) })),
  Log: unary(NO_ATTRS, [0.1, 3]),
  Mish: unary(),
  Neg: unary(),
  Reciprocal: fc.tuple(shapesAndScalar, awayFromZero).map(([shape, domain]) => ({ inputs: [shape], domain })),
  Relu: unary(),
  Selu: unary(fc.record({ alpha: between(-1, 2), gamma: between(-2, 3) })),
  Shrink: unary(fc.record({ lambd: between(-0.5, 1), bias: between(-1, 1) })),
  Sigmoid: unary(),
  Sin: unary(),
  Sinh: unary(),
  Softplus: unary(),
  Softsign: unary(),
  Sqrt: unary(NO_ATTRS, [0.1, 3]),
  Swish: unary(fc.record({ alpha: between(-2, 2) })),
  Tan: unary(NO_ATTRS, [-1.3, 1.3]),
  Tanh: unary(),
  ThresholdedRelu: unary(fc.record({ alpha: between(-1, 1) })),

  Add: binary(),
  Sub: binary(),
  Mul: binary(),
  Div: divided({}),
  Mod: divided({ fmod: 1 }),
  Pow: powers,
  PRelu: shapesAndScalar.chain((shape) =>
    broadcastingTo(shape).chain((slopes) =>
      fc.oneof(fc.constant(slopes), constants(slopes, -1, 2)).map((slope) => ({ inputs: [shape, slope] })),
    ),
  ),

  Max: variadic,
  Min: variadic,
  Mean: variadic,
  Sum: variadic,

  Where: broadcasting(3).chain(([c, x, y]) => conditions(c!).map((condition) => ({ inputs: [condition, x!, y!] }))),
  Clip: fc.tuple(shapesAndScalar, bound, bound).map(([shape, min, max]) => ({ inputs: [shape, min, max] })),
  CastLike: fc.tuple(shapesAndScalar, constants([], 0, 1)).map(([shape, like]) => ({ inputs: [shape, like] })),
  Dropout: fc.tuple(shapesAndScalar, optional(constants([], 0, 1)), fc.nat(1)).map(([shape, ratio, mask]) => ({
    inputs: [shape, ratio],
    outputs: 1 + mask,
  })),

  DequantizeLinear: shapesAndScalar.chain((shape) => scaled(shape)),
};

/** One scale, one a position of an axis, or one a block of positions; integer zero points of the same shape. */
function scaled(shape: readonly number[]): fc.Arbitrary<GeneratedCase> {
  return fc
    .tuple(fc.constantFrom('one', 'axis', 'block'), fc.nat(Math.max(0, shape.length - 1)), fc.nat(1), fc.nat(2))
    .chain(([how, axis, fromEnd, extra]) => {
      const layout = shape.length === 0 ? 'one' : how;
      const block = 1 + extra;
      const scales =
        layout === 'one' ? [] : layout === 'axis' ? [shape[axis]!] : shape.with(axis, Math.ceil(shape[axis]! / block));
      const zeros = list(sizeOf(scales), fc.integer({ min: -9, max: 9 })).map((values) => int64(scales, values));
      return fc.tuple(constants(scales, 0.1, 2), optional(zeros)).map(([scale, zero]) => ({
        attrs: {
          ...(shape.length > 0 && { axis: fromEnd ? axis - shape.length : axis }),
          ...(layout === 'block' && { block_size: block }),
        },
        inputs: [shape, scale, zero],
      }));
    });
}
