import fc from 'fast-check';
import { int64, sizeOf, tensor } from '@pathwise/model';
import {
  axesOf,
  axisOf,
  bit,
  frontAxis,
  indicesOf,
  ofRank,
  optional,
  perAxis,
  permutationOf,
  shapes,
  shapesAndScalar,
  sizeAt,
  sizes,
  upTo,
  vector,
} from './arbitraries.ts';
import type { Generators } from './generated-case.ts';

/** Cuts `size` into `count` sizes >= 0. */
const partsOf = (size: number, count: number): fc.Arbitrary<number[]> =>
  fc
    .array(fc.nat(size), { minLength: count - 1, maxLength: count - 1 })
    .map((cuts) => [0, ...cuts.sort((a, b) => a - b), size])
    .map((ends) => ends.slice(1).map((end, i) => end - ends[i]!));

type SliceOfAxis = readonly [start: number, end: number, step: number];
const stepSizes = fc.constantFrom(-3, -2, -1, 1, 2, 3);
const anything: fc.Arbitrary<SliceOfAxis> = fc.tuple(
  fc.integer({ min: -6, max: 6 }),
  fc.integer({ min: -6, max: 6 }),
  stepSizes,
);
const partOf = (size: number): fc.Arbitrary<SliceOfAxis> =>
  fc.tuple(fc.nat(size - 1), fc.nat(size - 1), stepSizes, bit, fc.nat(2)).map(([a, b, step, negative, beyond]) => {
    const [low, high] = [Math.min(a, b), Math.max(a, b)];
    const start = (step > 0 ? low : high) - negative * size;
    if (step > 0) return [start, high + 1 + (high === size - 1 ? beyond : 0), step];
    return [start, low === 0 ? -size - 1 - beyond : low - 1, step];
  });

const blocks = fc.tuple(ofRank(4, 3), upTo(3));

/** Ops that are linear in their first input, which is the only one to move. */
export const LINEAR_STRUCTURE: Generators = {
  Transpose: shapesAndScalar.chain((shape) =>
    optional(permutationOf(shape.length)).map((perm) => ({ attrs: perm === null ? {} : { perm }, inputs: [shape] })),
  ),

  // Mostly a part of the axis, also counted from the end or past it; sometimes anything, which is often nothing.
  Slice: shapes.chain((shape) =>
    fc
      .tuple(
        permutationOf(shape.length),
        perAxis(shape, (size) => fc.oneof({ weight: 9, arbitrary: partOf(size) }, { weight: 1, arbitrary: anything })),
      )
      .map(([axes, slices]) => {
        const ordered = axes.map((axis) => slices[axis]!);
        const [starts, ends, steps] = [0, 1, 2].map((k) => vector(ordered.map((one) => one[k]!)));
        return { inputs: [shape, starts!, ends!, vector(axes), steps!] };
      }),
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
          attrs: { mode },
          inputs: [shape, vector([...pads.map(([a]) => a!), ...pads.map(([, b]) => b!)])],
        };
      }),
  ),

  Gather: shapes.chain((shape) =>
    fc.tuple(axisOf(shape), sizes({ minLength: 0, maxLength: 2 })).chain(([axis, shapeOfIndices]) =>
      indicesOf(sizeAt(shape, axis), shapeOfIndices).map((indices) => ({
        attrs: { axis },
        inputs: [shape, indices],
      })),
    ),
  ),

  GatherElements: shapes.chain((shape) =>
    fc.tuple(axisOf(shape), upTo(5)).chain(([axis, count]) =>
      indicesOf(sizeAt(shape, axis), shape.with(frontAxis(shape, axis), count)).map((indices) => ({
        attrs: { axis },
        inputs: [shape, indices],
      })),
    ),
  ),

  GatherND: sizes({ minLength: 2, maxLength: 4 }).chain((shape) =>
    fc.tuple(fc.nat(shape.length - 1), upTo(3), bit).chain(([batchDims, count, fewer]) => {
      const length = Math.max(1, shape.length - batchDims - fewer);
      const tuple = fc.tuple(
        ...shape.slice(batchDims, batchDims + length).map((size) => fc.integer({ min: -size, max: size - 1 })),
      );
      const outer = [...shape.slice(0, batchDims), count];
      return fc.array(tuple, { minLength: sizeOf(outer), maxLength: sizeOf(outer) }).map((tuples) => ({
        attrs: { batch_dims: batchDims },
        inputs: [shape, int64([...outer, length], tuples.flat())],
      }));
    }),
  ),

  Expand: fc.tuple(shapes, sizes({ minLength: 0, maxLength: 2 }, 3), fc.nat()).map(([inner, outer, bits]) => ({
    inputs: [inner.map((size, i) => ((bits >> i) & 1 ? 1 : size)), vector([...outer, ...inner])],
  })),

  Tile: shapes.chain((shape) => perAxis(shape, () => upTo(3)).map((repeats) => ({ inputs: [shape, vector(repeats)] }))),

  Compress: shapes.chain((shape) =>
    optional(axisOf(shape)).chain((axis) => {
      const length = axis === null ? sizeOf(shape) : sizeAt(shape, axis);
      return fc.array(bit, { minLength: 1, maxLength: length }).map((bits) => ({
        attrs: axis === null ? {} : { axis },
        inputs: [shape, tensor('bool', [bits.length], bits)],
      }));
    }),
  ),

  Trilu: sizes({ minLength: 2, maxLength: 3 }).chain((shape) =>
    fc.tuple(fc.integer({ min: -5, max: 5 }), bit).map(([k, upper]) => ({
      attrs: { upper },
      inputs: [shape, int64([], [k])],
    })),
  ),

  CenterCropPad: shapes.chain((shape) =>
    axesOf(shape, 1).chain((axes) =>
      ofRank(axes.length, 7).map((wanted) => ({ attrs: { axes }, inputs: [shape, vector(wanted)] })),
    ),
  ),

  DepthToSpace: fc.tuple(blocks, fc.constantFrom('DCR', 'CRD')).map(([[[n, c, h, w], blocksize], mode]) => ({
    attrs: { mode, blocksize },
    inputs: [[n!, c! * blocksize ** 2, h!, w!]],
  })),

  SpaceToDepth: blocks.map(([[n, c, h, w], blocksize]) => ({
    attrs: { blocksize },
    inputs: [[n!, c!, h! * blocksize, w! * blocksize]],
  })),

  ReverseSequence: sizes({ minLength: 2, maxLength: 3 }).chain((shape) =>
    bit.chain((batch) =>
      fc
        .array(fc.integer({ min: 0, max: shape[1 - batch]! }), { minLength: shape[batch]!, maxLength: shape[batch]! })
        .map((lengths) => ({
          attrs: { batch_axis: batch, time_axis: 1 - batch },
          inputs: [shape, vector(lengths)],
        })),
    ),
  ),

  // Sizes, or a number of parts of which the last may be smaller.
  Split: shapes.chain((shape) =>
    fc.tuple(axisOf(shape), upTo(3), fc.boolean()).chain(([axis, outputs, equal]) =>
      partsOf(sizeAt(shape, axis), outputs).map((parts) => ({
        attrs: { axis, ...(equal && { num_outputs: outputs }) },
        inputs: equal ? [shape] : [shape, vector(parts)],
        outputs,
      })),
    ),
  ),

  // The sizes in another order, one of them inferred.
  Reshape: shapes.chain((shape) =>
    fc.tuple(permutationOf(shape.length), fc.nat(shape.length)).map(([order, open]) => ({
      inputs: [shape, vector(order.map((axis, i) => (i === open ? -1 : axis === i && axis > open ? 0 : shape[axis]!)))],
    })),
  ),

  Flatten: shapesAndScalar.chain((shape) =>
    fc.integer({ min: -shape.length, max: shape.length }).map((axis) => ({ attrs: { axis }, inputs: [shape] })),
  ),

  Squeeze: shapes.chain((shape) =>
    optional(axesOf(shape)).map((axes) => ({
      inputs:
        axes === null
          ? [shape]
          : [shape.map((size, axis) => (axes.some((a) => frontAxis(shape, a) === axis) ? 1 : size)), vector(axes)],
    })),
  ),

  Unsqueeze: fc.tuple(sizes({ minLength: 0, maxLength: 3 }), upTo(2)).chain(([shape, added]) =>
    // `added` axes of the result.
    axesOf([...shape, ...new Array<number>(added).fill(1)], added).map((axes) => ({
      inputs: [shape, vector(axes.slice(0, added))],
    })),
  ),
};

/** Ops that move elements about, of one input or more. */
export const STRUCTURE: Generators = {
  ...LINEAR_STRUCTURE,

  // Also what fills the padding moves.
  Pad: fc.tuple(LINEAR_STRUCTURE['Pad']!, fc.boolean()).map(([one, moving]) => ({
    ...one,
    inputs: moving ? [...one.inputs, []] : one.inputs,
  })),

  Concat: fc.tuple(shapes, fc.array(fc.nat(3), { minLength: 1, maxLength: 4 })).chain(([shape, lengths]) =>
    axisOf(shape).map((axis) => ({
      attrs: { axis },
      inputs: lengths.map((length) => shape.with(frontAxis(shape, axis), length)),
    })),
  ),

  OneHot: fc
    .tuple(sizes({ minLength: 0, maxLength: 3 }, 3), upTo(4))
    .chain(([shape, depth]) =>
      fc
        .tuple(fc.integer({ min: -shape.length - 1, max: shape.length }), indicesOf(depth + 1, shape))
        .map(([axis, indices]) => ({ attrs: { axis }, inputs: [indices, int64([], [depth]), [2]] })),
    ),
};
