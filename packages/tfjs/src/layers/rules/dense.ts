import { elementWise } from '../../layout/element-wise.ts';
import type { LayoutValue } from '../../layout/layout-builder.ts';
import { convolution } from '../../layout/convolution.ts';
import { activationOf } from '../activation.ts';
import { badShape, floats, keepsMask, weight, type LayerCall, type LayerRule } from '../layer-call.ts';

/** y = activation(x W + b) over the last axis. Where channels stand second it is a convolution of windows of one element. */
export const dense: LayerRule = keepsMask((call, given) => {
  const x = floats(call, given);
  const kernel = weight(call, 'kernel', 2);
  const bias = call.config.boolean('use_bias', true) ? weight(call, 'bias', 1) : undefined;
  return activationOf(call, 'activation')(linear(call, x, kernel, bias));
});

/** x W + b over the last axis of x; W [in, out]. */
export function linear(
  call: LayerCall,
  x: LayoutValue,
  kernel: LayoutValue,
  bias: LayoutValue | undefined,
): LayoutValue {
  const { l } = call;
  const width = x.shape.at(-1);
  if (x.shape.length < 2 || width !== kernel.shape[0]) {
    throw badShape(call, `an input whose last axis has ${kernel.shape[0]} elements`, x.shape);
  }
  if (x.layout === 'channels-first') {
    const rank = x.shape.length - 2;
    const ones = new Array<number>(rank).fill(1);
    const { ref } = kernel;
    const window = l.value(l.b.constant({ ...constantOf(call, ref), shape: [...ones, ...kernel.shape] }));
    return convolution(l, x, window, { strides: ones, dilations: ones, padding: 'VALID' }, { bias });
  }
  if (x.shape.length === 2) {
    return l.emit('Gemm', [x.ref, kernel.ref, bias === undefined ? null : bias.ref]);
  }
  const product = l.emit('MatMul', [x.ref, kernel.ref]);
  return bias === undefined ? product : elementWise(l, 'Add', [product, bias]);
}

function constantOf({ l, name }: LayerCall, ref: string): NonNullable<ReturnType<typeof l.b.constantOf>> {
  const value = l.b.constantOf(ref);
  if (value === undefined) throw new RangeError(`layer "${name}": its kernel is no constant`);
  return value;
}
