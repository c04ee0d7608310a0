import fc from 'fast-check';
import { int64, sizeOf } from '@pathwise/model';
import {
  axesOf,
  axisOf,
  between,
  bit,
  broadcastingTo,
  frontAxis,
  ofRank,
  optional,
  shapes,
  shapesAndScalar,
  sizeAt,
  sizes,
  upTo,
  vector,
} from './arbitraries.ts';
import type { GeneratedCase, Generators } from './generated-case.ts';

/** Over some axes, over all (none given, or none listed), or over none on request. */
const reduction = (domain?: readonly [number, number]): fc.Arbitrary<GeneratedCase> =>
  shapesAndScalar.chain((shape) =>
    fc.tuple(optional(axesOf(shape)), bit, bit).map(([axes, keepdims, noop]) => ({
      attrs: { keepdims, noop_with_empty_axes: noop },
      inputs: axes === null ? [shape] : [shape, vector(axes)],
      ...(domain && { domain }),
    })),
  );

const alongOneAxis: fc.Arbitrary<GeneratedCase> = shapes.chain((shape) =>
  axisOf(shape).map((axis) => ({ attrs: { axis }, inputs: [shape] })),
);

const cumulative: fc.Arbitrary<GeneratedCase> = shapes.chain((shape) =>
  fc.tuple(axisOf(shape), bit, bit).map(([axis, exclusive, reverse]) => ({
    attrs: { exclusive, reverse },
    inputs: [shape, int64([], [axis])],
  })),
);

const epsilon = fc.oneof(fc.constant(1e-5), between(1e-3, 0.5));
/** [batch, channels, ...] with up to `spatial` more axes. */
const channelled = (spatial: number, least = 0): fc.Arbitrary<number[]> =>
  sizes({ minLength: 2 + least, maxLength: 2 + spatial }, 3);

/** Over the axes from `axis` on; the scale (and bias) has their shape, or broadcasts to it. */
const layerNorm = (bias: boolean, outputs: number): fc.Arbitrary<GeneratedCase> =>
  shapes.chain((shape) =>
    axisOf(shape).chain((axis) => {
      const normalized = shape.slice(frontAxis(shape, axis));
      const parameter = fc.oneof(fc.constant(normalized), broadcastingTo(normalized));
      return fc
        .tuple(epsilon, parameter, bias ? optional(parameter) : fc.constant(null), upTo(outputs))
        .map(([eps, scale, shift, count]) => ({
          attrs: { axis, epsilon: eps },
          inputs: shift === null ? [shape, scale] : [shape, scale, shift],
          outputs: count,
        }));
    }),
  );

export const ALONG_AXES: Generators = {
  ReduceL1: reduction(),
  ReduceL2: reduction(),
  ReduceLogSum: reduction([0.2, 3]),
  ReduceLogSumExp: reduction(),
  ReduceMax: reduction(),
  ReduceMean: reduction(),
  ReduceMin: reduction(),
  ReduceProd: reduction(),
  ReduceSum: reduction(),
  ReduceSumSquare: reduction(),

  Softmax: alongOneAxis,
  LogSoftmax: alongOneAxis,
  LpNormalization: fc.tuple(alongOneAxis, upTo(2)).map(([one, p]) => ({ ...one, attrs: { ...one.attrs, p } })),
  CumSum: cumulative,
  CumProd: cumulative,
  TopK: shapes.chain((shape) =>
    axisOf(shape).chain((axis) =>
      fc.tuple(fc.nat(sizeAt(shape, axis)), bit, bit, upTo(2)).map(([k, largest, sorted, outputs]) => ({
        attrs: { axis, largest, sorted },
        inputs: [shape, vector([k])],
        outputs,
      })),
    ),
  ),

  LayerNormalization: layerNorm(true, 3),
  RMSNormalization: layerNorm(false, 1),
  InstanceNormalization: fc
    .tuple(channelled(3, 1), epsilon)
    .map(([shape, eps]) => ({ attrs: { epsilon: eps }, inputs: [shape, [shape[1]!], [shape[1]!]] })),
  GroupNormalization: fc.tuple(channelled(3), upTo(3), epsilon).map(([[n, size, ...spatial], groups, eps]) => ({
    attrs: { num_groups: groups, epsilon: eps },
    inputs: [[n!, size! * groups, ...spatial], [size! * groups], [size! * groups]],
  })),
  BatchNormalization: fc.tuple(channelled(3), epsilon).map(([shape, eps]) => ({
    attrs: { epsilon: eps },
    inputs: [shape, ...[0, 1, 2, 3].map(() => [shape[1]!])],
    domain: [0.3, 2],
  })),
  // Two elements alone become -1 and 1 whatever they are: only rounding would be seen.
  MeanVarianceNormalization: ofRank(4, 3)
    .chain((shape) =>
      fc
        .oneof(fc.constant(null), axesOf(shape, 1))
        .map((axes) => ({ attrs: axes === null ? {} : { axes }, inputs: [shape] })),
    )
    .filter(({ attrs: { axes = [0, 2, 3] }, inputs: [shape] }) => sizeOf(axes.map((axis) => shape!.at(axis)!)) !== 2),
  LRN: fc
    .tuple(
      sizes({ minLength: 2, maxLength: 4 }),
      fc.record({ size: upTo(6), alpha: between(0.1, 2), beta: between(0.2, 1.5), bias: between(0.5, 2) }),
    )
    .map(([shape, attrs]) => ({ attrs, inputs: [shape] })),
};
