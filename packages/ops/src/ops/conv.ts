import { shapeError, sizeOf, type Shape } from '@pathwise/model';
import type { OpDef } from '@pathwise/graph';
import { defineOp } from '../define-op.ts';
import { addConvolution, type Convolution } from '../families/convolution.ts';
import { biasGradient, checkBias, filledWithBias, kernelOf, weightGradient } from '../families/convolution-op.ts';
import { adjointAttrs, spatialShape, WINDOW_ATTRS, windowGeometry, type WindowAttrs } from '../families/window.ts';
import { bilinearIn } from '../linearity.ts';

type ConvAttrs = WindowAttrs & { group: number };

/** Cross-correlation of X [n, c, ...] with W [m, c / group, ...kernel] plus B [m], over 1 to 3 spatial axes. */
export const conv: OpDef = defineOp<ConvAttrs>({
  name: 'Conv',
  code: 0x0402,
  inputs: ['differentiable', 'differentiable', 'differentiable'],
  required: 2,
  attrs: { ...WINDOW_ATTRS, group: { type: 'int', default: 1 } },
  relevance: 'weighted-linear',
  affine: bilinearIn(0, 1, 2),
  piecewiseLinear: bilinearIn(0, 1, 2),
  kinks: false,
  infer([x, w, bias], attrs) {
    spatialShape(x!);
    checkChannels(x!.shape, w!.shape, attrs.group);
    checkBias(bias, w!.shape[0]);
    const { windows } = convolutionOf(x!.shape, w!.shape, attrs);
    return [{ dtype: x!.dtype, shape: [x!.shape[0], w!.shape[0], ...windows.output] }];
  },
  forward([x, w, bias], attrs, [type]) {
    const c = convolutionOf(x!.shape, w!.shape, attrs);
    const out = filledWithBias(sizeOf(type.shape), w!.shape[0], sizeOf(c.windows.output), bias?.data);
    addConvolution(c, x!.data, w!.data, out);
    return [out];
  },
  vjp(b, { inputs: [x, w], attrs, needs }, [dy]) {
    const { windows } = convolutionOf(b.shape(x), b.shape(w), attrs);
    const { group } = attrs;
    return [
      needs[0] ? b.emit('ConvTranspose', [dy!, w], { ...adjointAttrs(windows), group }) : null,
      needs[1] ? weightGradient(b, x, dy!, windows, group) : null,
      needs[2] ? biasGradient(b, dy!) : null,
    ];
  },
  examples: [
    {
      name: 'valid',
      inputs: [
        [1, 2, 5, 5],
        [3, 2, 3, 3],
      ],
    },
    { name: 'bias and padding', attrs: { pads: [1, 1, 1, 1] }, inputs: [[1, 2, 4, 5], [5, 2, 3, 3], [5]] },
    { name: 'pointwise', inputs: [[2, 5, 3, 3], [6, 5, 1, 1], [6]] },
    {
      name: 'strides that leave a tail',
      attrs: { strides: [3, 2] },
      inputs: [
        [1, 2, 9, 6],
        [4, 2, 2, 3],
      ],
    },
    {
      name: 'pointwise with strides',
      attrs: { strides: [2, 2] },
      inputs: [
        [1, 3, 5, 4],
        [4, 3, 1, 1],
      ],
    },
    {
      name: 'uneven pads and strides',
      attrs: { pads: [2, 0, 1, 3], strides: [2, 1] },
      inputs: [
        [1, 1, 5, 4],
        [3, 1, 3, 4],
      ],
    },
    {
      name: 'dilations',
      attrs: { dilations: [2, 3], pads: [1, 0, 1, 0] },
      inputs: [
        [1, 2, 6, 8],
        [3, 2, 3, 2],
      ],
    },
    { name: 'depthwise', attrs: { group: 3, pads: [1, 1, 1, 1] }, inputs: [[1, 3, 4, 4], [3, 1, 3, 3], [3]] },
    {
      name: 'depthwise with multiplier',
      attrs: { group: 2 },
      inputs: [
        [2, 2, 4, 3],
        [4, 1, 2, 2],
      ],
    },
    {
      name: 'groups',
      attrs: { group: 2, strides: [2, 2] },
      inputs: [
        [2, 4, 5, 5],
        [6, 2, 3, 3],
      ],
    },
    {
      name: 'SAME_UPPER',
      attrs: { auto_pad: 'SAME_UPPER', strides: [2, 2] },
      inputs: [
        [1, 1, 5, 6],
        [3, 1, 3, 4],
      ],
    },
    {
      name: 'SAME_LOWER',
      attrs: { auto_pad: 'SAME_LOWER', strides: [2, 2] },
      inputs: [
        [1, 1, 5, 6],
        [3, 1, 3, 4],
      ],
    },
    {
      name: 'SAME with a kernel below the stride',
      attrs: { auto_pad: 'SAME_UPPER', strides: [3] },
      inputs: [
        [1, 1, 8],
        [4, 1, 2],
      ],
    },
    {
      name: 'VALID',
      attrs: { auto_pad: 'VALID' },
      inputs: [
        [1, 2, 4, 4],
        [3, 2, 2, 3],
      ],
    },
    {
      name: 'one axis',
      attrs: { kernel_shape: [3], pads: [2, 0] },
      inputs: [
        [1, 2, 7],
        [4, 2, 3],
      ],
    },
    {
      name: 'three axes',
      attrs: { strides: [1, 2, 1], pads: [1, 0, 0, 0, 1, 1] },
      inputs: [
        [1, 2, 3, 4, 3],
        [3, 2, 2, 2, 2],
      ],
    },
    {
      name: 'one output channel',
      inputs: [
        [1, 3, 4, 4],
        [1, 3, 2, 2],
      ],
    },
  ],
});

function convolutionOf(x: Shape, w: Shape, attrs: ConvAttrs): Convolution {
  return {
    batch: x[0],
    groups: attrs.group,
    inputChannels: w[1],
    outputChannels: w[0] / attrs.group,
    windows: windowGeometry(x.slice(2), kernelOf(w, attrs.kernel_shape), attrs),
  };
}

function checkChannels(x: Shape, w: Shape, group: number): void {
  if (w.length !== x.length || w[1] * group !== x[1] || w[0] % group !== 0) {
    const spatial = x.slice(2).map(() => 'k');
    throw shapeError('conv', 'W', `[m,${x[1] / group},${spatial.join(',')}] with m divisible by group ${group}`, w);
  }
}
