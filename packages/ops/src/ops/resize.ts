import { argumentError, float32, int64, PathwiseError, sizeOf, type Shape } from '@pathwise/model';
import type { OpDef, OperandInfo } from '@pathwise/graph';
import { aroundAxis, normalizeAxis } from '../axes.ts';
import { forEachBroadcast } from '../broadcast.ts';
import type { OpBuilder } from '../builder.ts';
import { constantInts } from '../constants.ts';
import { defineOp } from '../define-op.ts';
import { axisMapAdjoint } from '../families/axis-map.ts';
import {
  applyAxisMap,
  axisMap,
  isIdentity,
  transposedMatrix,
  type AxisMap,
  type Resampling,
  type ResampledAxis,
} from '../families/resampling.ts';
import { jointlyIn } from '../linearity.ts';

export type ResizeAttrs = {
  antialias: number;
  axes?: readonly number[];
  coordinate_transformation_mode: Resampling['coordinates'];
  cubic_coeff_a: number;
  exclude_outside: number;
  extrapolation_value: number;
  keep_aspect_ratio_policy: 'stretch' | 'not_larger' | 'not_smaller';
  mode: Resampling['mode'];
  nearest_mode: Resampling['nearest'];
};

/** Resamples axis by axis; roi, scales and sizes must be constant. Upsample is this, asymmetric and floor. */
export const resize: OpDef = defineOp<ResizeAttrs>({
  name: 'Resize',
  code: 0x0410,
  inputs: ['differentiable', 'index', 'index', 'index'],
  required: 1,
  attrs: {
    antialias: { type: 'int', default: 0 },
    axes: { type: 'ints' },
    coordinate_transformation_mode: {
      type: 'string',
      default: 'half_pixel',
      oneOf: [
        'half_pixel',
        'half_pixel_symmetric',
        'pytorch_half_pixel',
        'align_corners',
        'asymmetric',
        'tf_crop_and_resize',
      ],
    },
    cubic_coeff_a: { type: 'float', default: -0.75 },
    exclude_outside: { type: 'int', default: 0 },
    extrapolation_value: { type: 'float', default: 0 },
    keep_aspect_ratio_policy: {
      type: 'string',
      default: 'stretch',
      oneOf: ['stretch', 'not_larger', 'not_smaller'],
    },
    mode: { type: 'string', default: 'nearest', oneOf: ['nearest', 'linear', 'cubic'] },
    nearest_mode: {
      type: 'string',
      default: 'round_prefer_floor',
      oneOf: ['round_prefer_floor', 'round_prefer_ceil', 'floor', 'ceil'],
    },
  },
  relevance: 'fixed-linear',
  affine: jointlyIn(0),
  piecewiseLinear: jointlyIn(0),
  kinks: false,
  infer([x, roi, scales, sizes], attrs) {
    const axes = resampledAxes(
      x!.shape,
      numbers(roi, 'roi'),
      numbers(scales, 'scales'),
      numbers(sizes, 'sizes'),
      attrs,
    );
    return [{ dtype: x!.dtype, shape: x!.shape.map((size, axis) => axes.get(axis)?.count ?? size) }];
  },
  forward([x, roi, scales, sizes], attrs, [type]) {
    const [r, s, z] = [roi, scales, sizes].map((value) => (value ? Array.from(value.data) : []));
    const axes = resampledAxes(x!.shape, r, s, z, attrs);
    let data: Float64Array = x!.data.slice();
    let shape: Shape = x!.shape;
    const outside: (readonly boolean[] | null)[] = shape.map(() => null);
    for (const [axis, resampled] of axes) {
      const map = axisMap(resampled, howOf(attrs));
      if (isIdentity(map, resampled)) continue;
      data = applyAxisMap(data, aroundAxis(shape, axis), map);
      shape = shape.with(axis, resampled.count);
      outside[axis] = map.outside;
    }
    for (const [axis, flags] of outside.entries()) {
      if (flags === null || attrs.extrapolation_value === 0) continue;
      const along = type.shape.map((size, i) => (i === axis ? size : 1));
      forEachBroadcast(along, type.shape, (i, o) => {
        if (flags[o]) data[i] = attrs.extrapolation_value;
      });
    }
    return [data];
  },
  vjp(b, { inputs: [x, ...parameters], attrs }, [dy]) {
    const [roi, scales, sizes] = parameters.map((ref) => {
      const value = ref ? b.constantOf(ref) : undefined;
      return value === undefined ? [] : Array.from(value.data, Number);
    });
    const axes = resampledAxes(b.shape(x), roi ?? [], scales ?? [], sizes ?? [], attrs);
    let dx = dy!;
    for (const [axis, resampled] of [...axes].reverse()) {
      const map = axisMap(resampled, howOf(attrs));
      if (isIdentity(map, resampled)) continue;
      dx =
        attrs.mode === 'nearest'
          ? axisMapAdjoint(b, dx, axis, sources(map), resampled.size)
          : matrixAdjoint(b, dx, axis, map, resampled.size);
    }
    return [dx];
  },
  examples: [
    { name: 'nearest, doubled', inputs: [[1, 2, 2, 3], null, float32([4], [1, 1, 2, 2])] },
    {
      name: 'nearest, asymmetric floor, uneven',
      attrs: { coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' },
      inputs: [[1, 1, 5, 4], null, null, int64([4], [1, 1, 3, 9])],
    },
    { name: 'nearest, ceil', attrs: { nearest_mode: 'ceil' }, inputs: [[1, 1, 5], null, float32([3], [1, 1, 0.7])] },
    {
      name: 'nearest, round up',
      attrs: { nearest_mode: 'round_prefer_ceil', axes: [2] },
      inputs: [[1, 1, 6], null, float32([1], [0.5])],
    },
    { name: 'linear, up', attrs: { mode: 'linear' }, inputs: [[1, 2, 3, 2], null, null, int64([4], [1, 2, 5, 6])] },
    { name: 'linear, down', attrs: { mode: 'linear' }, inputs: [[1, 1, 6, 5], null, float32([4], [1, 1, 0.5, 0.6])] },
    {
      name: 'linear, corners aligned',
      attrs: { mode: 'linear', coordinate_transformation_mode: 'align_corners' },
      inputs: [[1, 1, 3, 4], null, null, int64([4], [1, 1, 5, 7])],
    },
    {
      name: 'linear, antialias',
      attrs: { mode: 'linear', antialias: 1 },
      inputs: [[1, 1, 7, 8], null, null, int64([4], [1, 1, 3, 3])],
    },
    {
      name: 'linear, three axes, symmetric',
      attrs: { mode: 'linear', coordinate_transformation_mode: 'half_pixel_symmetric' },
      inputs: [[1, 1, 3, 4, 3], null, float32([5], [1, 1, 1.5, 0.7, 2])],
    },
    { name: 'cubic', attrs: { mode: 'cubic' }, inputs: [[1, 1, 4, 5], null, null, int64([4], [1, 1, 7, 3])] },
    {
      name: 'cubic, outside excluded',
      attrs: { mode: 'cubic', exclude_outside: 1, cubic_coeff_a: -0.5 },
      inputs: [[1, 1, 4, 4], null, float32([4], [1, 1, 2, 1.5])],
    },
    {
      name: 'cubic, antialias',
      attrs: { mode: 'cubic', antialias: 1 },
      inputs: [[1, 1, 8, 6], null, float32([4], [1, 1, 0.4, 0.5])],
    },
    {
      name: 'aspect ratio kept',
      attrs: { mode: 'linear', keep_aspect_ratio_policy: 'not_larger', axes: [-1, -2] },
      inputs: [[1, 1, 3, 4], null, null, int64([2], [7, 8])],
    },
    {
      name: 'crop with extrapolation',
      attrs: { mode: 'linear', coordinate_transformation_mode: 'tf_crop_and_resize', extrapolation_value: 10 },
      inputs: [[1, 1, 4, 4], float32([8], [0, 0, 0.4, 0.6, 1, 1, 1.2, 1.7]), null, int64([4], [1, 1, 3, 3])],
    },
    {
      name: 'to one element, PyTorch',
      attrs: { mode: 'linear', coordinate_transformation_mode: 'pytorch_half_pixel' },
      inputs: [[1, 1, 4], null, null, int64([3], [1, 1, 1])],
    },
  ],
});

/** How a Resize resamples. */
export function howOf(attrs: ResizeAttrs): Resampling {
  return {
    mode: attrs.mode,
    coordinates: attrs.coordinate_transformation_mode,
    nearest: attrs.nearest_mode,
    a: attrs.cubic_coeff_a,
    antialias: attrs.antialias === 1,
    excludeOutside: attrs.exclude_outside === 1,
  };
}

function numbers(operand: OperandInfo | null | undefined, name: string): number[] {
  return operand && sizeOf(operand.shape) > 0 ? constantInts(operand, name) : [];
}

/** The axes that are resampled, in the order in which they are. */
export function resampledAxes(
  shape: Shape,
  roi: readonly number[],
  scales: readonly number[],
  sizes: readonly number[],
  attrs: ResizeAttrs,
): Map<number, ResampledAxis> {
  const axes = (attrs.axes ?? shape.map((_, axis) => axis)).map((axis) => normalizeAxis(axis, shape.length));
  const given = sizes.length > 0 ? sizes : scales;
  if (given.length !== axes.length || (sizes.length > 0 && scales.length > 0)) {
    throw argumentError('resize', 'scales or sizes', `one of them with ${axes.length} numbers`, [...scales, ...sizes]);
  }
  if (roi.length !== 2 * axes.length && attrs.coordinate_transformation_mode === 'tf_crop_and_resize') {
    throw argumentError('resize', 'roi', `${2 * axes.length} numbers`, roi);
  }
  const ratios = axes.map((axis, i) => sizes[i] / shape[axis]);
  const keep = attrs.keep_aspect_ratio_policy;
  const common = keep === 'not_larger' ? Math.min(...ratios) : Math.max(...ratios);
  return new Map(
    axes.map((axis, i) => {
      const size = shape[axis];
      const region: [number, number] = [roi[i] ?? 0, roi[axes.length + i] ?? 1];
      if (sizes.length === 0) {
        // Scales are float32: 0.7 times 10 must give 7 as it does in that precision.
        return [axis, checked({ size, count: Math.floor(Math.fround(scales[i] * size)), scale: scales[i], region })];
      }
      if (keep === 'stretch') return [axis, checked({ size, count: sizes[i], scale: ratios[i], region })];
      return [axis, checked({ size, count: Math.floor(common * size + 0.5), scale: common, region })];
    }),
  );
}

function checked(axis: ResampledAxis): ResampledAxis {
  if (!(axis.count >= 1 && axis.scale > 0)) {
    throw new PathwiseError('BAD_SHAPE', `resize: an axis of size ${axis.size} scaled by ${axis.scale} is empty`);
  }
  return axis;
}

/** Of a nearest map, the position each output reads, or -1. */
function sources({ positions, weights }: AxisMap): number[] {
  return Array.from(positions, (position, o) => (weights[o] === 0 ? -1 : position));
}

/** Emits the product of the transposed map with dy along one axis. */
function matrixAdjoint(b: OpBuilder, dy: string, axis: number, map: AxisMap, size: number): string {
  const shape = b.shape(dy);
  const { outer, size: count, inner } = aroundAxis(shape, axis);
  const matrix = b.constant({ dtype: b.type(dy).dtype, ...transposedMatrix(map, size) });
  const target = shape.with(axis, size);
  if (inner === 1) {
    const rows = b.matmul(b.reshape(dy, [outer, count]), b.transpose(matrix, [1, 0]));
    return b.reshape(rows, target);
  }
  return b.reshape(b.matmul(matrix, b.reshape(dy, [outer, count, inner])), target);
}
