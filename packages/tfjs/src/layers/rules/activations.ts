import { elementWise, scalarLike, unary } from '../../layout/element-wise.ts';
import { alongAxis, reduce } from '../../layout/along-axes.ts';
import type { LayoutBuilder, LayoutValue } from '../../layout/layout-builder.ts';
import { activationOf, clip } from '../activation.ts';
import { axesOf, floats, keepsMask, weight, type LayerRule } from '../layer-call.ts';

export const activation: LayerRule = keepsMask((call, x) => activationOf(call, 'activation')(floats(call, x)));

/** max(x, 0) with a ceiling, a slope below the threshold: x from it on, slope * (x - threshold) below, at most max_value. */
export const reLU: LayerRule = keepsMask((call, x) => {
  const { config, l } = call;
  const most = config.has('max_value') ? config.number('max_value') : null;
  const slope = config.number('negative_slope', 0);
  const threshold = config.number('threshold', 0);
  if (threshold === 0) {
    if (slope === 0) return most === null ? unary(l, 'Relu', x) : clip(l, x, 0, most);
    const leaky = unary(l, 'LeakyRelu', x, { alpha: slope });
    return most === null ? leaky : clip(l, leaky, null, most);
  }
  const below =
    slope === 0
      ? scalarLike(l, 0, x)
      : elementWise(l, 'Mul', [elementWise(l, 'Sub', [x, scalarLike(l, threshold, x)]), scalarLike(l, slope, x)]);
  const above = most === null ? x : clip(l, x, null, most);
  return select(l, elementWise(l, 'Less', [x, scalarLike(l, threshold, x)]), below, above);
});

/** The default is Keras's 0.3; Keras 3 calls it negative_slope. */
export const leakyReLU: LayerRule = keepsMask((call, x) => {
  const { config } = call;
  const alpha = config.has('negative_slope') ? config.number('negative_slope') : config.number('alpha', 0.3);
  return unary(call.l, 'LeakyRelu', x, { alpha });
});

export const elu: LayerRule = keepsMask((call, x) =>
  unary(call.l, 'Elu', x, { alpha: call.config.number('alpha', 1) }),
);

/** x above theta, 0 elsewhere. */
export const thresholdedReLU: LayerRule = keepsMask((call, x) =>
  unary(call.l, 'ThresholdedRelu', x, { alpha: call.config.number('theta', 1) }),
);

/** A learnt slope for each feature, or for each along the axes that are not shared. */
export const pReLU: LayerRule = keepsMask((call, x) => elementWise(call.l, 'PRelu', [x, weight(call, 'alpha')]));

/** Over one axis, or over several together. */
export const softmax: LayerRule = keepsMask((call, x) => {
  const { l } = call;
  const axes = axesOf(call, 'axis', x.shape.length, -1);
  if (axes.length === 1) return alongAxis(l, 'Softmax', x, axes[0] as number);
  const shifted = elementWise(l, 'Sub', [x, reduce(l, 'ReduceMax', x, axes, true)]);
  const exponentials = unary(l, 'Exp', shifted);
  return elementWise(l, 'Div', [exponentials, reduce(l, 'ReduceSum', exponentials, axes, true)]);
});

/** x where a condition holds, y elsewhere. */
export function select(l: LayoutBuilder, condition: LayoutValue, x: LayoutValue, y: LayoutValue): LayoutValue {
  return elementWise(l, 'Where', [condition, x, y]);
}
