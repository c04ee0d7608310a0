import fc from 'fast-check';
import { float64, int64, sizeOf, tensor, type Tensor } from '@pathwise/model';

type Rank = { readonly minLength: number; readonly maxLength: number };

/** Shapes of sizes 1 to `max`; small sizes and size 1 are frequent. */
export const sizes = (rank: Rank, max = 4): fc.Arbitrary<number[]> => fc.array(fc.integer({ min: 1, max }), rank);
/** Exactly `rank` sizes from 1 to `max`. */
export const ofRank = (rank: number, max = 4): fc.Arbitrary<number[]> =>
  sizes({ minLength: rank, maxLength: rank }, max);
/** Rank 1 to 4. */
export const shapes: fc.Arbitrary<number[]> = sizes({ minLength: 1, maxLength: 4 });
/** Rank 0 to 4. */
export const shapesAndScalar: fc.Arbitrary<number[]> = sizes({ minLength: 0, maxLength: 4 }, 3);

export const upTo = (max: number): fc.Arbitrary<number> => fc.integer({ min: 1, max });
export const bit: fc.Arbitrary<number> = fc.nat(1);

/** Numbers without a liking for the ends: special values would be kinks. */
export const between = (low: number, high: number): fc.Arbitrary<number> =>
  fc.noBias(fc.nat(2 ** 20).map((n) => low + ((high - low) * n) / 2 ** 20));

export const list = <T>(length: number, one: fc.Arbitrary<T>): fc.Arbitrary<T[]> =>
  fc.array(one, { minLength: length, maxLength: length });
/** Absent in a third of the cases. */
export const optional = <T>(one: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(one, { nil: null, freq: 3 });

export const vector = (values: readonly number[]): Tensor => int64([values.length], values);
/** A float constant of `shape` with elements in [low, high]. */
export const constants = (shape: readonly number[], low: number, high: number): fc.Arbitrary<Tensor> =>
  list(sizeOf(shape), between(low, high)).map((values) => float64(shape, values));
/** A constant of booleans. */
export const conditions = (shape: readonly number[]): fc.Arbitrary<Tensor> =>
  list(sizeOf(shape), bit).map((values) => tensor('bool', shape, values));

/** An axis of `shape`, sometimes counted from the end. */
export const axisOf = (shape: readonly number[]): fc.Arbitrary<number> =>
  fc.integer({ min: -shape.length, max: shape.length - 1 });
export const sizeAt = (shape: readonly number[], axis: number): number => shape.at(axis)!;
/** An axis as one counted from the front. */
export const frontAxis = (shape: readonly number[], axis: number): number => (axis < 0 ? axis + shape.length : axis);
/** Some axes of `shape` in any order, some counted from the end. */
export const axesOf = (shape: readonly number[], minLength = 0): fc.Arbitrary<number[]> =>
  fc
    .tuple(fc.shuffledSubarray([...shape.keys()], { minLength }), fc.nat(2 ** shape.length - 1))
    .map(([axes, bits]) => axes.map((axis) => ((bits >> axis) & 1 ? axis - shape.length : axis)));

/** Indices of a tensor of `shape` into an axis of `size`, also negative ones. */
export const indicesOf = (size: number, shape: readonly number[]): fc.Arbitrary<Tensor> =>
  list(sizeOf(shape), fc.integer({ min: -size, max: size - 1 })).map((values) => int64(shape, values));
export const permutationOf = (count: number): fc.Arbitrary<number[]> =>
  fc.shuffledSubarray(
    Array.from({ length: count }, (_, i) => i),
    { minLength: count },
  );
export const perAxis = <T>(
  shape: readonly number[],
  one: (size: number, axis: number) => fc.Arbitrary<T>,
): fc.Arbitrary<T[]> => fc.tuple(...shape.map(one));

/** A shape that broadcasts to `shape`: some axes of size 1, some leading ones left out. */
export const broadcastingTo = (shape: readonly number[]): fc.Arbitrary<number[]> =>
  fc
    .tuple(fc.nat(2 * shape.length), fc.nat(2 ** shape.length - 1), fc.nat(2 ** shape.length - 1))
    .map(([missing, some, more]) =>
      shape
        .map((size, axis) => ((some >> axis) & (more >> axis) & 1 ? 1 : size))
        .slice(missing <= shape.length ? missing : 0),
    );
/** `count` shapes that broadcast together. */
export const broadcasting = (count: number): fc.Arbitrary<number[][]> =>
  shapesAndScalar.chain((shape) => list(count, broadcastingTo(shape)));
