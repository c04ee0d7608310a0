import { PathwiseError, sizeOf, type Shape } from '@pathwise/model';
import type { OpDef } from '@pathwise/graph';
import { defineOp } from '../define-op.ts';
import { envelopeCrossings } from '../envelope.ts';
import {
  addAt,
  maxWindows,
  POOL_ATTRS,
  poolWindows,
  tapCounts,
  windowPositions,
  type PoolAttrs,
} from '../families/pooling.ts';
import { jointly } from '../linearity.ts';

type MaxPoolAttrs = PoolAttrs & { storage_order: number };

/**
 * The largest element of every window, and on request its place: the position in the flattened x, counted column by
 * column within a channel for storage_order 1. The first of equal elements in scan order is taken.
 */
export const maxPool: OpDef = defineOp<MaxPoolAttrs>({
  name: 'MaxPool',
  code: 0x0408,
  inputs: ['differentiable'],
  maxOutputs: 2,
  attrs: { ...POOL_ATTRS, storage_order: { type: 'int', default: 0 } },
  relevance: 'max',
  affine: () => false,
  piecewiseLinear: jointly,
  kinks: true,
  infer([x], attrs, outputs) {
    const windows = poolWindows(x!.shape, attrs);
    if (tapCounts(windows, false).includes(0)) {
      throw new PathwiseError('BAD_SHAPE', 'a window lies wholly in the padding: it has no largest element');
    }
    const shape = [...x!.shape.slice(0, 2), ...windows.output];
    const types = [
      { dtype: x!.dtype, shape },
      { dtype: 'int64' as const, shape },
    ];
    return types.slice(0, outputs);
  },
  forward([x], attrs, types) {
    const [values, indices] = maxWindows(x!.data, x!.shape[0] * x!.shape[1], poolWindows(x!.shape, attrs));
    if (attrs.storage_order === 1) countByColumns(indices, x!.shape.slice(2));
    return [values, indices].slice(0, types.length);
  },
  vjp(b, { inputs: [x], outputs, attrs }, [dy]) {
    let indices = attrs.storage_order === 0 ? outputs[1] : undefined;
    if (!indices) {
      const names = [b.freshName('MaxPool'), b.freshName('MaxPool_indices')];
      indices = b.apply('MaxPool', [x], { ...attrs, storage_order: 0 }, { outputs: names })[1];
    }
    return [dy ? addAt(b, b.shape(x), indices!, dy) : null];
  },
  crossings([a], [b], attrs) {
    const windows = poolWindows(a!.shape, attrs as MaxPoolAttrs);
    const size = sizeOf(windows.input);
    const places: number[] = [];
    const positions = windowPositions(windows);
    for (let base = 0; base < a!.data.length; base += size) {
      for (const window of positions) {
        const from = Float64Array.from(window, (at) => a!.data[base + at]);
        const to = Float64Array.from(window, (at) => b!.data[base + at]);
        places.push(...envelopeCrossings(from, to));
      }
    }
    return places;
  },
  examples: [
    { name: 'halved', attrs: { kernel_shape: [2, 2], strides: [2, 2] }, inputs: [[1, 2, 4, 6]] },
    { name: 'overlapping', attrs: { kernel_shape: [3, 3] }, inputs: [[2, 1, 5, 5]] },
    { name: 'padded', attrs: { kernel_shape: [3, 2], pads: [1, 0, 2, 1], strides: [2, 1] }, inputs: [[1, 1, 4, 4]] },
    { name: 'ceil', attrs: { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1 }, inputs: [[1, 1, 4, 6]] },
    {
      name: 'ceil, last window dropped',
      attrs: { kernel_shape: [1], strides: [2], ceil_mode: 1 },
      inputs: [[1, 1, 4]],
    },
    { name: 'dilated', attrs: { kernel_shape: [2, 2], dilations: [2, 3] }, inputs: [[1, 1, 4, 5]] },
    {
      name: 'SAME_UPPER',
      attrs: { kernel_shape: [3, 3], auto_pad: 'SAME_UPPER', strides: [2, 2] },
      inputs: [[1, 2, 4, 5]],
    },
    { name: 'SAME_LOWER', attrs: { kernel_shape: [2, 2], auto_pad: 'SAME_LOWER' }, inputs: [[1, 1, 3, 3]] },
    { name: 'with indices', attrs: { kernel_shape: [2, 2] }, inputs: [[1, 2, 3, 3]], outputs: 2 },
    {
      name: 'indices by columns',
      attrs: { kernel_shape: [2, 2], storage_order: 1 },
      inputs: [[1, 2, 3, 4]],
      outputs: 2,
    },
    { name: 'one axis', attrs: { kernel_shape: [2] }, inputs: [[1, 2, 5]] },
    { name: 'three axes', attrs: { kernel_shape: [2, 2, 2], strides: [1, 2, 1] }, inputs: [[1, 1, 3, 4, 3]] },
  ],
});

/** Row-major positions as those that run down the first spatial axis fastest. */
function countByColumns(indices: Float64Array, spatial: Shape): void {
  const size = sizeOf(spatial);
  for (let i = 0; i < indices.length; i++) {
    const channel = Math.floor(indices[i] / size) * size;
    let rest = indices[i] - channel;
    let stride = size;
    let at = channel;
    for (let axis = spatial.length - 1; axis >= 0; axis--) {
      stride /= spatial[axis];
      at += (rest % spatial[axis]) * stride;
      rest = Math.floor(rest / spatial[axis]);
    }
    indices[i] = at;
  }
}
