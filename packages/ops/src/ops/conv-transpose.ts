import { argumentError, shapeError, sizeOf, type Shape } from '@pathwise/model';
import type { OpDef } from '@pathwise/graph';
import { defineOp } from '../define-op.ts';
import { addConvolutionAdjoint, type Convolution } from '../families/convolution.ts';
import {
  biasGradient,
  checkBias,
  cropEnds,
  filledWithBias,
  kernelOf,
  weightGradient,
} from '../families/convolution-op.ts';
import {
  reachOf,
  spatialShape,
  splitPadding,
  steps,
  WINDOW_ATTRS,
  type WindowAttrs,
  type WindowGeometry,
} from '../families/window.ts';
import { bilinearIn } from '../linearity.ts';

export type ConvTransposeAttrs = WindowAttrs & {
  group: number;
  output_padding?: readonly number[];
  output_shape?: readonly number[];
};

/** The adjoint of a convolution, X [n, c, ...] with W [c, m / group, ...kernel], plus B [m]. */
export const convTranspose: OpDef = defineOp<ConvTransposeAttrs>({
  name: 'ConvTranspose',
  code: 0x0403,
  inputs: ['differentiable', 'differentiable', 'differentiable'],
  required: 2,
  attrs: {
    ...WINDOW_ATTRS,
    group: { type: 'int', default: 1 },
    output_padding: { type: 'ints' },
    output_shape: { type: 'ints' },
  },
  relevance: 'weighted-linear',
  affine: bilinearIn(0, 1, 2),
  piecewiseLinear: bilinearIn(0, 1, 2),
  kinks: false,
  infer([x, w, bias], attrs) {
    spatialShape(x!);
    const { group } = attrs;
    const grouped = group >= 1 && x!.shape[1] % group === 0;
    if (w!.shape.length !== x!.shape.length || w!.shape[0] !== x!.shape[1] || !grouped) {
      throw shapeError('convTranspose', 'W', `[${x!.shape[1]},m / ${group},...kernel]`, w!.shape);
    }
    checkBias(bias, w!.shape[1] * group);
    const { windows } = convolutionOf(x!.shape, w!.shape, attrs);
    return [{ dtype: x!.dtype, shape: [x!.shape[0], w!.shape[1] * group, ...windows.input] }];
  },
  forward([x, w, bias], attrs, [type]) {
    const c = convolutionOf(x!.shape, w!.shape, attrs);
    const out = filledWithBias(sizeOf(type.shape), w!.shape[1] * attrs.group, sizeOf(c.windows.input), bias?.data);
    addConvolutionAdjoint(c, x!.data, w!.data, out);
    return [out];
  },
  vjp(b, { inputs: [x, w], attrs, needs }, [dy]) {
    const { windows } = convolutionOf(b.shape(x), b.shape(w), attrs);
    const { group } = attrs;
    const dx = (): string => {
      const ends = reachOf(windows).map((end, i) => end - windows.input[i]);
      return b.conv(cropEnds(b, dy!, ends), w, null, {
        strides: windows.strides,
        dilations: windows.dilations,
        pads: [...windows.padsBegin, ...ends.map((end) => Math.max(0, end))],
        group,
      });
    };
    return [
      needs[0] ? dx() : null,
      needs[1] ? weightGradient(b, dy!, x, windows, group) : null,
      needs[2] ? biasGradient(b, dy!) : null,
    ];
  },
  examples: [
    {
      name: 'plain',
      inputs: [
        [1, 2, 3, 3],
        [2, 3, 3, 3],
      ],
    },
    {
      name: 'strides, pads, bias',
      attrs: { strides: [2, 2], pads: [1, 0, 0, 1] },
      inputs: [[1, 3, 3, 4], [3, 2, 3, 3], [2]],
    },
    {
      name: 'output padding',
      attrs: { strides: [3, 2], output_padding: [2, 1], pads: [1, 1, 1, 1] },
      inputs: [
        [1, 1, 3, 3],
        [1, 2, 3, 3],
      ],
    },
    {
      name: 'larger output shape',
      attrs: { strides: [3, 2], output_shape: [10, 8] },
      inputs: [
        [1, 1, 3, 3],
        [1, 2, 3, 3],
      ],
    },
    {
      name: 'smaller output shape',
      attrs: { strides: [2, 2], output_shape: [4, 5] },
      inputs: [
        [1, 3, 3, 3],
        [3, 2, 3, 3],
      ],
    },
    {
      name: 'SAME_UPPER',
      attrs: { strides: [2, 2], auto_pad: 'SAME_UPPER' },
      inputs: [
        [1, 3, 3, 3],
        [3, 2, 3, 3],
      ],
    },
    {
      name: 'SAME_LOWER',
      attrs: { strides: [2, 2], auto_pad: 'SAME_LOWER' },
      inputs: [
        [1, 3, 3, 3],
        [3, 2, 3, 3],
      ],
    },
    {
      name: 'VALID',
      attrs: { auto_pad: 'VALID' },
      inputs: [
        [1, 1, 3],
        [1, 2, 2],
      ],
    },
    {
      name: 'dilations',
      attrs: { dilations: [2, 2] },
      inputs: [
        [1, 3, 3, 3],
        [3, 1, 2, 2],
      ],
    },
    { name: 'groups', attrs: { group: 2, strides: [2, 1] }, inputs: [[2, 6, 3, 2], [6, 2, 2, 2], [4]] },
    {
      name: 'depthwise',
      attrs: { group: 3, pads: [1, 1, 1, 1] },
      inputs: [
        [1, 3, 4, 4],
        [3, 1, 3, 3],
      ],
    },
    {
      name: 'pointwise',
      inputs: [
        [2, 3, 2, 2],
        [3, 4, 1, 1],
      ],
    },
    {
      name: 'one axis',
      attrs: { strides: [2] },
      inputs: [
        [1, 2, 4],
        [2, 3, 3],
      ],
    },
    {
      name: 'three axes',
      attrs: { strides: [2, 1, 1] },
      inputs: [
        [1, 3, 2, 3, 2],
        [3, 2, 2, 2, 2],
      ],
    },
  ],
});

/** The convolution of which this is the adjoint: its windows slide over our output, one for each element of our input. */
function convolutionOf(x: Shape, w: Shape, attrs: ConvTransposeAttrs): Convolution {
  return {
    batch: x[0],
    groups: attrs.group,
    inputChannels: w[1],
    outputChannels: w[0] / attrs.group,
    windows: transposedWindows(x.slice(2), kernelOf(w, attrs.kernel_shape), attrs),
  };
}

/** The windows whose adjoint a transposed convolution of an input of spatial shape `output` is. */
export function transposedWindows(output: Shape, kernel: readonly number[], attrs: ConvTransposeAttrs): WindowGeometry {
  const rank = output.length;
  const { strides, dilations } = steps(kernel, rank, attrs);
  const extra = attrs.output_padding ?? new Array<number>(rank).fill(0);
  if (extra.length !== rank || extra.some((amount) => amount < 0)) {
    throw argumentError('convTranspose', 'output_padding', `${rank} numbers >= 0`, extra);
  }
  const given = attrs.pads ?? new Array<number>(2 * rank).fill(0);
  if (given.length !== 2 * rank || given.some((amount) => amount < 0)) {
    throw argumentError('convTranspose', 'pads', `${2 * rank} numbers >= 0`, given);
  }
  const pads = attrs.auto_pad === 'NOTSET' ? given : [];
  const full = output.map((size, i) => (size - 1) * strides[i] + (kernel[i] - 1) * dilations[i] + 1 + extra[i]);
  const wanted = outputShape(output, strides, attrs);
  const around = full.map((size, i): readonly [number, number] =>
    wanted === undefined
      ? [pads[i] ?? 0, pads[rank + i] ?? 0]
      : splitPadding(Math.max(0, size - wanted[i]), attrs.auto_pad),
  );
  const input = wanted ?? full.map((size, i) => size - around[i][0] - around[i][1]);
  if (input.some((size) => size < 1)) {
    throw argumentError('convTranspose', 'pads', `amounts below the full output [${full.join(',')}]`, pads);
  }
  return {
    input,
    output,
    kernel,
    strides,
    dilations,
    padsBegin: around.map(([begin]) => begin),
    padsEnd: around.map(([, end]) => end),
  };
}

/** The spatial shape that the attributes ask for; undefined where the pads decide. */
function outputShape(
  size: Shape,
  strides: readonly number[],
  { output_shape: given, auto_pad: autoPad }: ConvTransposeAttrs,
): readonly number[] | undefined {
  if (given !== undefined) {
    if (given.length < size.length) throw argumentError('convTranspose', 'output_shape', `${size.length} sizes`, given);
    return given.slice(-size.length);
  }
  return autoPad.startsWith('SAME') ? size.map((n, i) => n * strides[i]) : undefined;
}
