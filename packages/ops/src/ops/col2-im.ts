import { argumentError, int64, shapeError, sizeOf, type Shape, type Tensor } from '@pathwise/model';
import type { OpDef } from '@pathwise/graph';
import { constantInts } from '../constants.ts';
import { defineOp } from '../define-op.ts';
import { addConvolutionAdjoint } from '../families/convolution.ts';
import { adjointAttrs, windowGeometry, type WindowGeometry } from '../families/window.ts';
import { jointlyIn } from '../linearity.ts';

type Col2ImAttrs = { dilations?: readonly number[]; pads?: readonly number[]; strides?: readonly number[] };

/**
 * Adds columns of patches [n, channels * taps, windows] back into images [n, channels, ...image_shape]: the adjoint of
 * cutting patches out, and a ConvTranspose whose kernels hold a single 1.
 */
export const col2Im: OpDef = defineOp<Col2ImAttrs>({
  name: 'Col2Im',
  code: 0x0406,
  inputs: ['differentiable', 'index', 'index'],
  attrs: { dilations: { type: 'ints' }, pads: { type: 'ints' }, strides: { type: 'ints' } },
  relevance: 'fixed-linear',
  affine: jointlyIn(0),
  piecewiseLinear: jointlyIn(0),
  kinks: false,
  infer([x, imageInput, blockInput], attrs) {
    const image = constantInts(imageInput, 'image_shape');
    const windows = patches(image, constantInts(blockInput, 'block_shape'), attrs);
    const taps = sizeOf(windows.kernel);
    const [n, rows, columns] = x!.shape;
    if (x!.shape.length !== 3 || rows % taps !== 0 || columns !== sizeOf(windows.output)) {
      throw shapeError('col2Im', 'input', `[n,channels * ${taps},${sizeOf(windows.output)}]`, x!.shape);
    }
    return [{ dtype: x!.dtype, shape: [n, rows / taps, ...image] }];
  },
  forward([x, image, block], attrs, [type]) {
    const windows = patches(Array.from(image!.data), Array.from(block!.data), attrs);
    const taps = sizeOf(windows.kernel);
    const [batch, channels] = type.shape;
    const out = new Float64Array(sizeOf(type.shape));
    const kernels = unitKernels(windows.kernel);
    // All channels share the kernels: each is a batch of its own.
    const planes = { batch: batch * channels, groups: 1, inputChannels: 1, outputChannels: taps, windows };
    addConvolutionAdjoint(planes, x!.data, kernels.data as Float64Array, out);
    return [out];
  },
  lower(b, { inputs: [x, imageRef, blockRef], attrs }) {
    const read = (ref: string): number[] => Array.from(b.constantOf(ref)!.data, Number);
    const windows = patches(read(imageRef), read(blockRef), attrs);
    const taps = sizeOf(windows.kernel);
    const [n, rows] = b.shape(x);
    const channels = rows / taps;
    const columns = b.reshape(x, [n * channels, taps, ...windows.output]);
    const kernels = b.constant(unitKernels(windows.kernel));
    const image = b.emit('ConvTranspose', [columns, kernels], adjointAttrs(windows));
    return [b.reshape(image, [n, channels, ...windows.input])];
  },
  examples: [
    {
      name: 'patches side by side',
      attrs: { strides: [2, 2] },
      inputs: [[1, 8, 6], int64([2], [4, 6]), int64([2], [2, 2])],
    },
    { name: 'overlapping', inputs: [[2, 4, 6], int64([2], [3, 4]), int64([2], [2, 2])] },
    {
      name: 'padded, dilated',
      attrs: { pads: [1, 0, 0, 1], dilations: [1, 2] },
      inputs: [[1, 4, 9], int64([2], [3, 4]), int64([2], [2, 2])],
    },
    { name: 'one axis', inputs: [[1, 6, 4], int64([1], [6]), int64([1], [3])] },
  ],
});

function patches(image: Shape, block: readonly number[], attrs: Col2ImAttrs): WindowGeometry {
  if (image.length !== block.length || image.length < 1 || image.length > 3) {
    throw argumentError('col2Im', 'block_shape', `${image.length} sizes, 1 to 3`, block);
  }
  return windowGeometry(image, block, { ...attrs, auto_pad: 'NOTSET' });
}

/** [taps, 1, ...kernel]: kernel k is 1 at tap k. */
function unitKernels(kernel: readonly number[]): Tensor {
  const taps = sizeOf(kernel);
  const data = new Float64Array(taps * taps);
  for (let k = 0; k < taps; k++) data[k * (taps + 1)] = 1;
  return { dtype: 'float32', shape: [taps, 1, ...kernel], data };
}
