import { argumentError, int64, sameShape, shapeError, sizeOf, type Shape } from '@pathwise/model';
import type { OpDef, OperandInfo, TensorType } from '@pathwise/graph';
import { constantInts } from '../constants.ts';
import { defineOp } from '../define-op.ts';
import { normalizeIndex } from '../families/movement.ts';
import { spatialShape, steps } from '../families/window.ts';
import { jointlyIn } from '../linearity.ts';

type MaxUnpoolAttrs = { kernel_shape: readonly number[]; pads?: readonly number[]; strides?: readonly number[] };

/**
 * Zeros, with the elements of X at the flat positions I, as MaxPool gives them; positions are taken to
 * differ. Another output_shape cuts or fills at the ends of the axes.
 */
export const maxUnpool: OpDef = defineOp<MaxUnpoolAttrs>({
  name: 'MaxUnpool',
  code: 0x040e,
  inputs: ['differentiable', 'index', 'index'],
  required: 2,
  attrs: { kernel_shape: { type: 'ints', required: true }, pads: { type: 'ints' }, strides: { type: 'ints' } },
  relevance: 'shape',
  affine: jointlyIn(0),
  piecewiseLinear: jointlyIn(0),
  kinks: false,
  infer([x, indices, size], attrs) {
    if (!sameShape(x!.shape, indices!.shape)) {
      throw shapeError('maxUnpool', 'I', `[${x!.shape.join(',')}] as X`, indices!.shape);
    }
    return [{ dtype: x!.dtype, shape: size ? givenShape(x!.shape, size) : unpooledShape(x!, attrs) }];
  },
  forward([x, indices], attrs, [{ shape }]) {
    const unpooled = unpooledShape(x!, attrs);
    const size = sizeOf(unpooled);
    const out = new Float64Array(sizeOf(shape));
    for (let i = 0; i < x!.data.length; i++) {
      let rest = normalizeIndex(indices!.data[i], size);
      let at = 0;
      for (let axis = shape.length - 1, stride = 1; axis >= 0; stride *= shape[axis--]) {
        const position = rest % unpooled[axis];
        at = position < shape[axis] ? at + position * stride : NaN;
        rest = Math.floor(rest / unpooled[axis]);
      }
      if (at >= 0) out[at] = x!.data[i];
    }
    return [out];
  },
  vjp(b, { inputs: [x, indices], attrs }, [dy]) {
    const unpooled = unpooledShape(b.type(x), attrs);
    const shape = b.shape(dy!);
    const own = b.pad(dy!, [...shape.map(() => 0), ...unpooled.map((size, axis) => size - shape[axis])]);
    const flat = b.reshape(own, [sizeOf(unpooled)]);
    return [b.reshape(b.emit('Gather', [flat, b.reshape(indices, [sizeOf(b.shape(x))])]), b.shape(x)), null, null];
  },
  lower(b, { inputs: [x, indices, size], attrs }) {
    const unpooled = unpooledShape(b.type(x), attrs);
    const count = sizeOf(b.shape(x));
    const flat = b.emit('ScatterElements', [
      b.zeros([sizeOf(unpooled)], x),
      b.reshape(indices, [count]),
      b.reshape(x, [count]),
    ]);
    const shape = size ? Array.from(b.constantOf(size)!.data, Number) : unpooled;
    const ends = shape.map((length, axis) => length - unpooled[axis]);
    return [b.pad(b.reshape(flat, unpooled), [...shape.map(() => 0), ...ends])];
  },
  examples: [
    {
      name: 'doubled',
      attrs: { kernel_shape: [2, 2], strides: [2, 2] },
      inputs: [[1, 1, 2, 2], int64([1, 1, 2, 2], [5, 7, 13, 10])],
    },
    {
      name: 'given shape',
      attrs: { kernel_shape: [2], strides: [2] },
      inputs: [[1, 2, 2], int64([1, 2, 2], [0, 3, 5, 6]), int64([3], [1, 2, 5])],
    },
    {
      name: 'pads',
      attrs: { kernel_shape: [3], pads: [1, 1], strides: [2] },
      inputs: [[1, 1, 3], int64([1, 1, 3], [0, 3, 4])],
    },
  ],
});

function givenShape(x: Shape, size: OperandInfo): number[] {
  const shape = constantInts(size, 'output_shape');
  if (shape.length !== x.length) throw argumentError('maxUnpool', 'output_shape', `${x.length} sizes`, shape);
  return shape;
}

/** The shape that the positions refer to. */
function unpooledShape(x: TensorType, attrs: MaxUnpoolAttrs): number[] {
  const spatial = spatialShape(x);
  const rank = spatial.length;
  const { strides } = steps(attrs.kernel_shape, rank, attrs);
  const pads = attrs.pads ?? [];
  const size = (n: number, i: number): number =>
    (n - 1) * strides[i] + attrs.kernel_shape[i] - (pads[i] ?? 0) - (pads[rank + i] ?? 0);
  return [...x.shape.slice(0, 2), ...spatial.map(size)];
}
