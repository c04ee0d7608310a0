import { convolution, depthwiseConvolution, transposedConvolution } from '../../layout/convolution.ts';
import type { LayoutValue } from '../../layout/layout-builder.ts';
import type { Padding } from '../../layout/padding.ts';
import { activationOf } from '../activation.ts';
import {
  badShape,
  choice,
  dataFormat,
  dropsMask,
  spatialAxes,
  weight,
  wholeNumbers,
  type LayerCall,
  type LayerRule,
} from '../layer-call.ts';

/** A convolution over `rank` axes; kernel [...sizes, channels in / groups, channels out]. */
export function conv(rank: number): LayerRule {
  return dropsMask((call, x) => {
    const kernel = imageKernel(call, x, 'kernel', rank);
    const options = { bias: biasOf(call), format: dataFormat(call) };
    return activated(call, convolution(call.l, x, kernel, windowsOf(call, kernel, rank), options));
  });
}

/** Each channel by itself; kernel [...sizes, channels, multiplier]. */
export function depthwiseConv(rank: number): LayerRule {
  return dropsMask((call, x) => {
    const kernel = imageKernel(call, x, ['depthwise_kernel', 'kernel'], rank);
    const options = { bias: biasOf(call), format: dataFormat(call) };
    return activated(call, depthwiseConvolution(call.l, x, kernel, windowsOf(call, kernel, rank), options));
  });
}

/** A depthwise convolution, then one of windows of one element with bias and activation. Sizes come from the weights. */
export function separableConv(rank: number): LayerRule {
  return dropsMask((call, x) => {
    const depthwise = imageKernel(call, x, 'depthwise_kernel', rank);
    const pointwise = weight(call, 'pointwise_kernel', rank + 2);
    const format = dataFormat(call);
    const spread = depthwiseConvolution(call.l, x, depthwise, windowsOf(call, depthwise, rank), { format });
    const ones = new Array<number>(rank).fill(1);
    const windows = { strides: ones, dilations: ones, padding: 'VALID' } as const;
    return activated(call, convolution(call.l, spread, pointwise, windows, { bias: biasOf(call), format }));
  });
}

/** The adjoint of a convolution; kernel [...sizes, channels out, channels in]. */
export function convTranspose(rank: number): LayerRule {
  return dropsMask((call, x) => {
    const kernel = imageKernel(call, x, 'kernel', rank);
    const format = dataFormat(call);
    const windows = windowsOf(call, kernel, rank);
    const given = call.config.has('output_padding') ? wholeNumbers(call, 'output_padding', rank, 0, 0) : null;
    const sizes = spatialAxes(rank + 2, format).map((axis, i) => {
      const stride = windows.strides[i] as number;
      const reach = ((kernel.shape[i] as number) - 1) * (windows.dilations[i] as number) + 1;
      const size = x.shape[axis] as number;
      if (given === null)
        return windows.padding === 'SAME' ? size * stride : size * stride + Math.max(reach - stride, 0);
      const margin = windows.padding === 'SAME' ? 2 * Math.floor(reach / 2) : 0;
      return (size - 1) * stride + reach - margin + (given[i] as number);
    });
    return activated(call, transposedConvolution(call.l, x, kernel, windows, { sizes, bias: biasOf(call), format }));
  });
}

/** The kernel, for an input of as many axes. */
function imageKernel(
  call: LayerCall,
  x: LayoutValue,
  variables: string | readonly string[],
  rank: number,
): LayoutValue {
  if (x.shape.length !== rank + 2) throw badShape(call, `an input of ${rank + 2} axes`, x.shape);
  return weight(call, variables, rank + 2);
}

function biasOf(call: LayerCall): LayoutValue | undefined {
  return call.config.boolean('use_bias', true) ? weight(call, 'bias', 1) : undefined;
}

function activated(call: LayerCall, x: LayoutValue): LayoutValue {
  return activationOf(call, 'activation')(x);
}

function windowsOf(
  call: LayerCall,
  kernel: LayoutValue,
  rank: number,
): { readonly strides: number[]; readonly dilations: number[]; readonly padding: Padding } {
  const strides = wholeNumbers(call, 'strides', rank, 1);
  const dilations = wholeNumbers(call, 'dilation_rate', rank, 1);
  const word = choice(call, 'padding', rank === 1 ? ['valid', 'same', 'causal'] : ['valid', 'same'], 'valid');
  if (word !== 'causal') return { strides, dilations, padding: word === 'same' ? 'SAME' : 'VALID' };
  const before = ((kernel.shape[0] as number) - 1) * (dilations[0] as number);
  return { strides, dilations, padding: { begin: [before], end: [0] } };
}
