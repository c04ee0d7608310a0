import { PathwiseError, type Shape } from '@pathwise/model';
import type { OpDef } from '@pathwise/graph';
import { defineOp } from '../define-op.ts';
import {
  POOL_ATTRS,
  poolWindows,
  sumWindows,
  sumWindowsAdjoint,
  tapCounts,
  type PoolAttrs,
} from '../families/pooling.ts';
import { jointly } from '../linearity.ts';

type AveragePoolAttrs = PoolAttrs & { count_include_pad: number };

/** The mean of every window: of its taps in x, or with count_include_pad also of the zeros in the stated padding. */
export const averagePool: OpDef = defineOp<AveragePoolAttrs>({
  name: 'AveragePool',
  code: 0x0409,
  inputs: ['differentiable'],
  attrs: { ...POOL_ATTRS, count_include_pad: { type: 'int', default: 0 } },
  relevance: 'fixed-linear',
  affine: jointly,
  piecewiseLinear: jointly,
  kinks: false,
  infer([x], attrs) {
    const windows = poolWindows(x!.shape, attrs);
    if (tapCounts(windows, attrs.count_include_pad === 1).includes(0)) {
      throw new PathwiseError('BAD_SHAPE', 'a window lies wholly in the padding: it has no mean');
    }
    return [{ dtype: x!.dtype, shape: [...x!.shape.slice(0, 2), ...windows.output] }];
  },
  forward([x], attrs) {
    const windows = poolWindows(x!.shape, attrs);
    const out = sumWindows(x!.data, x!.shape[0] * x!.shape[1], windows);
    const counts = tapCounts(windows, attrs.count_include_pad === 1);
    for (let i = 0; i < out.length; i++) out[i] /= counts[i % counts.length];
    return [out];
  },
  // Each window's cotangent, divided by its count, goes to all its taps.
  vjp(b, { inputs: [x], attrs }, [dy]) {
    const windows = poolWindows(b.shape(x), attrs);
    const data = tapCounts(windows, attrs.count_include_pad === 1).map((count) => 1 / count);
    const shape: Shape = [1, 1, ...windows.output];
    const equal = data.every((share) => share === data[0]);
    const shares = equal ? data[0] : { dtype: b.type(x).dtype, shape, data };
    return [sumWindowsAdjoint(b, b.mul(dy!, shares), b.shape(x), windows)];
  },
  examples: [
    { name: 'halved', attrs: { kernel_shape: [2, 2], strides: [2, 2] }, inputs: [[1, 2, 4, 6]] },
    { name: 'overlapping', attrs: { kernel_shape: [3, 3] }, inputs: [[2, 1, 5, 5]] },
    { name: 'tail not covered', attrs: { kernel_shape: [2, 2], strides: [3, 2] }, inputs: [[1, 1, 7, 5]] },
    { name: 'padding not counted', attrs: { kernel_shape: [3, 2], pads: [1, 1, 2, 0] }, inputs: [[1, 1, 4, 4]] },
    {
      name: 'padding counted',
      attrs: { kernel_shape: [3, 2], pads: [1, 1, 2, 0], strides: [2, 1], count_include_pad: 1 },
      inputs: [[1, 1, 4, 4]],
    },
    {
      name: 'ceil, padding counted',
      attrs: { kernel_shape: [3, 3], pads: [1, 1, 1, 1], strides: [2, 2], ceil_mode: 1, count_include_pad: 1 },
      inputs: [[1, 1, 4, 4]],
    },
    {
      name: 'ceil, last window dropped',
      attrs: { kernel_shape: [1], strides: [2], ceil_mode: 1 },
      inputs: [[1, 1, 4]],
    },
    { name: 'dilated', attrs: { kernel_shape: [2, 2], dilations: [2, 3], pads: [1, 1, 1, 1] }, inputs: [[1, 1, 4, 5]] },
    {
      name: 'SAME_UPPER',
      attrs: { kernel_shape: [3, 3], auto_pad: 'SAME_UPPER', strides: [2, 2] },
      inputs: [[1, 2, 4, 5]],
    },
    {
      name: 'SAME_LOWER',
      attrs: { kernel_shape: [2, 2], auto_pad: 'SAME_LOWER', count_include_pad: 1 },
      inputs: [[1, 1, 3, 3]],
    },
    { name: 'one axis', attrs: { kernel_shape: [3], pads: [2, 0] }, inputs: [[1, 2, 5]] },
    { name: 'three axes', attrs: { kernel_shape: [2, 2, 2], strides: [1, 2, 1] }, inputs: [[1, 1, 3, 4, 3]] },
  ],
});
