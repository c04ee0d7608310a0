import { convolution, depthwiseConvolution, transposedConvolution } from '../../layout/convolution.ts';
import type { ConvolutionWindows, DataFormat } from '../../layout/convolution.ts';
import type { LayoutValue } from '../../layout/layout-builder.ts';
import { perAxis } from '../../layout/padding.ts';
import type { Call, Rule, Rules } from '../call.ts';
import { withFusedOps } from './fused-ops.ts';
import { formatOf, paddingOf, spatial } from './windows.ts';

const conv: Rule = (call) => {
  const { windows, format } = windowsOf(call, call.input(0));
  return withFusedOps(call, (bias, name) =>
    convolution(call.l, call.input(0), call.input(1), windows, { bias, format, name }),
  );
};

const depthwise: Rule = (call) => {
  const { windows, format } = windowsOf(call, call.input(0));
  return withFusedOps(call, (bias, name) =>
    depthwiseConvolution(call.l, call.input(0), call.input(1), windows, { bias, format, name }),
  );
};

/** `stride` and `dilation` are single numbers here. */
const conv1d: Rule = (call) => {
  const { l, attrs, name } = call;
  const windows = {
    strides: perAxis(attrs.int('stride', 1), 1, 'stride'),
    dilations: perAxis(attrs.int('dilation', 1), 1, 'dilation'),
    padding: paddingOf(attrs, 1, 'channels-last'),
  };
  return convolution(l, call.input(0), call.input(1), windows, { name });
};

/** The inputs are the size of the result, the kernel and the image; the batch in the size says nothing new. */
const backpropInput: Rule = (call) => {
  const image = call.input(2);
  const { windows, format } = windowsOf(call, image);
  const rank = image.shape.length - 2;
  const size = call.ints(0, 'the size of the result');
  const sizes = size.length === rank ? size : size.slice(format === 'channels-last' ? 1 : 2).slice(0, rank);
  return transposedConvolution(call.l, image, call.input(1), windows, { sizes, format, name: call.name });
};

function windowsOf({ attrs }: Call, x: LayoutValue): { windows: ConvolutionWindows; format: DataFormat } {
  const format = formatOf(attrs);
  const rank = x.shape.length - 2;
  const windows = {
    strides: spatial(attrs, 'strides', rank, format),
    dilations: spatial(attrs, 'dilations', rank, format),
    padding: paddingOf(attrs, rank, format),
  };
  return { windows, format };
}

export const convolutionRules: Rules = {
  Conv1D: conv1d,
  Conv2D: conv,
  Conv3D: conv,
  _FusedConv2D: conv,
  DepthwiseConv2d: depthwise,
  DepthwiseConv2dNative: depthwise,
  FusedDepthwiseConv2dNative: depthwise,
  Conv2DBackpropInput: backpropInput,
};
