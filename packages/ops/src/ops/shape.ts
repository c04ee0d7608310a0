import type { OpDef } from '@pathwise/graph';
import { sizeOf, type Shape } from '@pathwise/model';
import { defineOp } from '../define-op.ts';
import { never } from '../linearity.ts';

type ShapeAttrs = { start: number; end?: number };

/** Sizes of the axes [start, end); negative ones count from the end. Known while the graph is built. */
export const shape: OpDef = defineOp<ShapeAttrs>({
  name: 'Shape',
  code: 0x060e,
  inputs: ['zero-gradient'],
  typeOnly: true,
  attrs: { start: { type: 'int', default: 0 }, end: { type: 'int' } },
  relevance: 'stop',
  affine: never,
  piecewiseLinear: never,
  kinks: false,
  infer: ([x], attrs) => [{ dtype: 'int64', shape: [selected(x!.shape, attrs).length] }],
  forward: ([x], attrs) => [Float64Array.from(selected(x!.shape, attrs))],
  examples: [
    { name: 'all axes', inputs: [[2, 3, 4]] },
    { name: 'some axes', attrs: { start: 1, end: -1 }, inputs: [[2, 3, 4]] },
    { name: 'clamped', attrs: { start: -10, end: 10 }, inputs: [[2, 3, 4]] },
  ],
});

/** Array.slice clamps and counts from the end as ONNX does. */
function selected(shape: Shape, { start, end }: ShapeAttrs): Shape {
  return shape.slice(start, end);
}

/** Number of elements. */
export const size: OpDef = defineOp({
  name: 'Size',
  code: 0x060f,
  inputs: ['zero-gradient'],
  typeOnly: true,
  attrs: {},
  relevance: 'stop',
  affine: never,
  piecewiseLinear: never,
  kinks: false,
  infer: () => [{ dtype: 'int64', shape: [] }],
  forward: ([x]) => [Float64Array.of(sizeOf(x!.shape))],
  examples: [{ name: 'matrix', inputs: [[2, 3]] }],
});
