import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { float32, int64, sizeOf, tensor, type Tensor } from '@pathwise/model';
import type { Attrs } from '@pathwise/graph';
import { evaluateOp, gradientOp } from './evaluate.ts';

/** One op on data of a shape; the other inputs decide what it does. `data` is the position of the data. */
interface LinearCase {
  readonly op: string;
  readonly shape: readonly number[];
  readonly others: readonly (Tensor | null)[];
  readonly attrs?: Attrs;
}

const vector = (values: readonly number[]): Tensor => int64([values.length], values);
const sizes = (rank: { minLength: number; maxLength: number }, max = 4): fc.Arbitrary<number[]> =>
  fc.array(fc.integer({ min: 1, max }), rank);
const shapes = sizes({ minLength: 1, maxLength: 4 });

/** An axis of `shape`, sometimes counted from the end. */
const axisOf = (shape: readonly number[]): fc.Arbitrary<number> =>
  fc.integer({ min: -shape.length, max: shape.length - 1 });
const sizeAt = (shape: readonly number[], axis: number): number => shape.at(axis)!;
const indicesOf = (size: number, shape: readonly number[]): fc.Arbitrary<Tensor> =>
  fc
    .array(fc.integer({ min: -size, max: size - 1 }), { minLength: sizeOf(shape), maxLength: sizeOf(shape) })
    .map((values) => int64(shape, values));
const permutationOf = (count: number): fc.Arbitrary<number[]> =>
  fc.shuffledSubarray(
    Array.from({ length: count }, (_, i) => i),
    { minLength: count },
  );
const perAxis = <T>(shape: readonly number[], one: (size: number) => fc.Arbitrary<T>): fc.Arbitrary<T[]> =>
  fc.tuple(...shape.map(one));

const CASES: Record<string, fc.Arbitrary<LinearCase>> = {
  Transpose: shapes.chain((shape) =>
    permutationOf(shape.length).map((perm) => ({ op: 'Transpose', shape, others: [], attrs: { perm } })),
  ),

  Slice: shapes.chain((shape) =>
    fc
      .tuple(
        permutationOf(shape.length),
        perAxis(shape, () => fc.integer({ min: -6, max: 6 })),
        perAxis(shape, () => fc.integer({ min: -6, max: 6 })),
        perAxis(shape, () => fc.constantFrom(-3, -2, -1, 1, 2, 3)),
      )
      .map(([axes, starts, ends, steps]) => ({ op: 'Slice', shape, others: [starts, ends, axes, steps].map(vector) })),
  ),

  Pad: shapes.chain((shape) =>
    fc
      .tuple(
        fc.constantFrom('constant', 'reflect', 'edge', 'wrap'),
        perAxis(shape, (size) =>
          fc.tuple(fc.integer({ min: 1 - size, max: 5 }), fc.integer({ min: 0, max: 5 }), fc.boolean()),
        ),
      )
      .map(([mode, amounts]) => {
        const pads = amounts.map(([a, b, swap]) => (swap ? [b, a] : [a, b]));
        return {
          op: 'Pad',
          shape,
          others: [vector([...pads.map(([a]) => a), ...pads.map(([, b]) => b)])],
          attrs: { mode },
        };
      }),
  ),

  Gather: shapes.chain((shape) =>
    fc.tuple(axisOf(shape), sizes({ minLength: 0, maxLength: 2 })).chain(([axis, shapeOfIndices]) =>
      indicesOf(sizeAt(shape, axis), shapeOfIndices).map((indices) => ({
        op: 'Gather',
        shape,
        others: [indices],
        attrs: { axis },
      })),
    ),
  ),

  GatherElements: shapes.chain((shape) =>
    fc.tuple(axisOf(shape), fc.integer({ min: 1, max: 5 })).chain(([axis, count]) =>
      indicesOf(sizeAt(shape, axis), shape.with(axis < 0 ? axis + shape.length : axis, count)).map((indices) => ({
        op: 'GatherElements',
        shape,
        others: [indices],
        attrs: { axis },
      })),
    ),
  ),

  GatherND: sizes({ minLength: 2, maxLength: 4 }).chain((shape) =>
    fc.tuple(fc.nat(1), fc.integer({ min: 1, max: 3 })).chain(([batchDims, count]) => {
      const length = Math.max(1, shape.length - batchDims - 1);
      const tuple = fc.tuple(
        ...shape.slice(batchDims, batchDims + length).map((size) => fc.integer({ min: -size, max: size - 1 })),
      );
      const outer = [...shape.slice(0, batchDims), count];
      return fc.array(tuple, { minLength: sizeOf(outer), maxLength: sizeOf(outer) }).map((tuples) => ({
        op: 'GatherND',
        shape,
        others: [int64([...outer, length], tuples.flat())],
        attrs: { batch_dims: batchDims },
      }));
    }),
  ),

  Expand: fc.tuple(shapes, sizes({ minLength: 0, maxLength: 2 }, 3), fc.nat()).map(([inner, outer, bits]) => ({
    op: 'Expand',
    shape: inner.map((size, i) => ((bits >> i) & 1 ? 1 : size)),
    others: [vector([...outer, ...inner])],
  })),

  Tile: shapes.chain((shape) =>
    perAxis(shape, () => fc.integer({ min: 1, max: 3 })).map((repeats) => ({
      op: 'Tile',
      shape,
      others: [vector(repeats)],
    })),
  ),

  Compress: shapes.chain((shape) =>
    fc.option(axisOf(shape), { nil: undefined }).chain((axis) => {
      const length = axis === undefined ? sizeOf(shape) : sizeAt(shape, axis);
      return fc.array(fc.nat(1), { minLength: 1, maxLength: length }).map((bits) => ({
        op: 'Compress',
        shape,
        others: [tensor('bool', [bits.length], bits)],
        ...(axis === undefined ? {} : { attrs: { axis } }),
      }));
    }),
  ),

  Trilu: sizes({ minLength: 2, maxLength: 3 }).chain((shape) =>
    fc.tuple(fc.integer({ min: -5, max: 5 }), fc.nat(1)).map(([k, upper]) => ({
      op: 'Trilu',
      shape,
      others: [int64([], [k])],
      attrs: { upper },
    })),
  ),

  CenterCropPad: shapes.chain((shape) =>
    fc
      .shuffledSubarray(
        shape.map((_, axis) => axis - shape.length),
        { minLength: 1 },
      )
      .chain((axes) =>
        sizes({ minLength: axes.length, maxLength: axes.length }, 7).map((wanted) => ({
          op: 'CenterCropPad',
          shape,
          others: [vector(wanted)],
          attrs: { axes },
        })),
      ),
  ),

  DepthToSpace: fc
    .tuple(fc.constantFrom('DCR', 'CRD'), sizes({ minLength: 4, maxLength: 4 }, 3), fc.integer({ min: 1, max: 3 }))
    .map(([mode, [n, c, h, w], blocksize]) => ({
      op: 'DepthToSpace',
      shape: [n!, c! * blocksize ** 2, h!, w!],
      others: [],
      attrs: { mode, blocksize },
    })),

  SpaceToDepth: fc
    .tuple(sizes({ minLength: 4, maxLength: 4 }, 3), fc.integer({ min: 1, max: 3 }))
    .map(([[n, c, h, w], blocksize]) => ({
      op: 'SpaceToDepth',
      shape: [n!, c!, h! * blocksize, w! * blocksize],
      others: [],
      attrs: { blocksize },
    })),

  ReverseSequence: sizes({ minLength: 2, maxLength: 3 }).chain((shape) =>
    fc.nat(1).chain((batch) =>
      fc
        .array(fc.integer({ min: 0, max: shape[1 - batch]! }), { minLength: shape[batch]!, maxLength: shape[batch]! })
        .map((lengths) => ({
          op: 'ReverseSequence',
          shape,
          others: [vector(lengths)],
          attrs: { batch_axis: batch, time_axis: 1 - batch },
        })),
    ),
  ),

  Split: shapes.chain((shape) =>
    axisOf(shape).chain((axis) =>
      fc.nat(sizeAt(shape, axis)).map((first) => ({
        op: 'Split',
        shape,
        others: [vector([first, sizeAt(shape, axis) - first])],
        attrs: { axis },
      })),
    ),
  ),
};

/** Numbers without coincidences. */
const wave = (shape: readonly number[], phase: number): Tensor =>
  float32(
    shape,
    Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(1 + 7.3 * i + phase)),
  );

const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((sum, v, i) => sum + v * b[i]!, 0);

// These ops are linear in their data, y = A x: the gradient rule must be A^T, so <dy, A x> = <A^T dy, x> up to rounding.
describe('structural gradients are adjoints', () => {
  test.each(Object.entries(CASES))('%s', async (_op, arbitrary) => {
    await fc.assert(
      fc.asyncProperty(arbitrary, async ({ op, shape, others, attrs = {} }) => {
        const x = wave(shape, 0);
        const outputs = op === 'Split' ? 2 : 1;
        const [y] = evaluateOp(op, [x, ...others], attrs, outputs);
        const dy = wave(y!.shape, 0.5);
        const [dx] = await gradientOp(op, [x, ...others], dy, [0], attrs, outputs);
        expect(dot(dx!, x.data as Float32Array)).toBeClose(dot(dy.data as Float32Array, y!.data), {
          rtol: 1e-10,
          atol: 1e-10,
        });
      }),
      { numRuns: 80, seed: 11 },
    );
  });
});
