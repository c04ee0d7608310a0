import { float32, shapeError, sizeOf, type Shape } from '@pathwise/model';
import type { OpDef } from '@pathwise/graph';
import { defineOp } from '../define-op.ts';
import { emitSampleGrid, sampleGrid, type GridSampleAttrs } from '../families/grid-sampling.ts';
import { spatialShape } from '../families/window.ts';
import { jointlyIn } from '../linearity.ts';

/**
 * Samples X [n, c, ...] at places given by grid [n, ...places, axes]: coordinates from -1 to 1 along each spatial axis,
 * that of the innermost axis first. Neighbours outside of X are zero, or those at the border, or reflected; cubic with
 * 'border' then is as in PyTorch and ONNX Runtime (the reference code of ONNX moves the place itself to the border).
 */
export const gridSample: OpDef = defineOp<GridSampleAttrs>({
  name: 'GridSample',
  code: 0x0411,
  inputs: ['differentiable', 'differentiable'],
  attrs: {
    align_corners: { type: 'int', default: 0 },
    mode: { type: 'string', default: 'linear', oneOf: ['linear', 'nearest', 'cubic'] },
    padding_mode: { type: 'string', default: 'zeros', oneOf: ['zeros', 'border', 'reflection'] },
  },
  relevance: 'product',
  affine: jointlyIn(0),
  piecewiseLinear: jointlyIn(0),
  kinks: true,
  infer([x, grid]) {
    const { length: rank } = spatialShape(x!);
    if (grid!.shape.length !== rank + 2 || grid!.shape[0] !== x!.shape[0] || grid!.shape.at(-1) !== rank) {
      throw shapeError('gridSample', 'grid', `[${x!.shape[0]},...${rank} sizes,${rank}]`, grid!.shape);
    }
    return [{ dtype: x!.dtype, shape: [...x!.shape.slice(0, 2), ...placesOf(grid!.shape)] }];
  },
  forward([x, grid], attrs) {
    return [sampleGrid(x!.data, grid!.data, x!.shape, sizeOf(placesOf(grid!.shape)), attrs)];
  },
  lower(b, { inputs: [x, grid], attrs }) {
    const places = placesOf(b.shape(grid));
    const sampled = emitSampleGrid(b, x, grid, sizeOf(places), attrs);
    return [b.reshape(sampled, [...b.shape(x).slice(0, 2), ...places])];
  },
  // Nearest jumps where a place moves on to the next element: its grids are constant.
  examples: [
    {
      name: 'linear',
      inputs: [
        [1, 2, 4, 5],
        [1, 2, 3, 2],
      ],
    },
    {
      name: 'linear, border, corners aligned',
      attrs: { align_corners: 1, padding_mode: 'border' },
      inputs: [
        [2, 1, 3, 4],
        [2, 2, 2, 2],
      ],
    },
    {
      name: 'linear, reflection',
      attrs: { padding_mode: 'reflection' },
      inputs: [
        [1, 2, 3, 4],
        [1, 2, 3, 2],
      ],
    },
    {
      name: 'linear, reflection, corners aligned',
      attrs: { padding_mode: 'reflection', align_corners: 1 },
      inputs: [
        [1, 1, 1, 4],
        [1, 2, 3, 2],
      ],
    },
    {
      name: 'nearest',
      attrs: { mode: 'nearest' },
      inputs: [[1, 2, 3, 3], float32([1, 1, 3, 2], [0.1, -0.7, 0.9, 0.3, 1.4, 0])],
    },
    {
      name: 'nearest, reflection',
      attrs: { mode: 'nearest', padding_mode: 'reflection' },
      inputs: [[1, 1, 3, 3], float32([1, 1, 3, 2], [0.1, -0.7, 0.9, 0.3, 1.4, -1.9])],
    },
    {
      name: 'cubic',
      attrs: { mode: 'cubic' },
      inputs: [
        [1, 1, 4, 5],
        [1, 2, 2, 2],
      ],
    },
    {
      name: 'cubic, border',
      attrs: { mode: 'cubic', padding_mode: 'border' },
      inputs: [
        [1, 1, 4, 5],
        [1, 2, 2, 2],
      ],
    },
    {
      name: 'one axis',
      inputs: [
        [1, 2, 5],
        [1, 4, 1],
      ],
    },
    {
      name: 'three axes, cubic, reflection',
      attrs: { mode: 'cubic', padding_mode: 'reflection' },
      inputs: [
        [1, 1, 2, 3, 2],
        [1, 1, 1, 2, 3],
      ],
    },
  ],
});

function placesOf(grid: Shape): Shape {
  return grid.slice(1, -1);
}
