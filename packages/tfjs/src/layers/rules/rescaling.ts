import { sizeOf, toFloat64 } from '@pathwise/model';
import type { Json } from '../../files/json.ts';
import { elementWise } from '../../layout/element-wise.ts';
import type { LayoutValue } from '../../layout/layout-builder.ts';
import { axesOf, badShape, floats, keepsMask, type LayerCall, type LayerRule } from '../layer-call.ts';

/** x * scale + offset, with a number for all or one for each of the last axis. */
export const rescaling: LayerRule = keepsMask((call, given) => {
  const x = floats(call, given);
  const term = (key: string, values: readonly number[]): LayoutValue => {
    const shape = Array.isArray(call.config.raw(key)) ? [values.length] : [];
    return call.l.constant({ dtype: 'float32', shape, data: Float64Array.from(values) });
  };
  const scaled = elementWise(call.l, 'Mul', [x, term('scale', numbers(call, 'scale', 1))]);
  const offset = numbers(call, 'offset', 0);
  return offset.every((v) => v === 0) ? scaled : elementWise(call.l, 'Add', [scaled, term('offset', offset)]);
});

/**
 * (x - mean) / max(standard deviation, 1e-7) by stored statistics; `invert` undoes it.
 * @source Keras 2.15 and 3, layer Normalization
 */
export const normalization: LayerRule = keepsMask((call, given) => {
  const x = floats(call, given);
  const { config, l } = call;
  // An axis of null (not an absent one) means one mean for all.
  const axes = config.keys().includes('axis') && !config.has('axis') ? [] : axesOf(call, 'axis', x.shape.length, -1);
  const shape = x.shape.map((d, axis) => (axes.includes(axis) ? d : 1));
  const vector = (key: 'mean' | 'variance', of: (v: number) => number): LayoutValue => {
    const values = config.has(key) ? numbers(call, key, 0) : [...toFloat64(call.weights.get(key).tensor.data)];
    if (values.length !== sizeOf(shape)) throw badShape(call, `${sizeOf(shape)} numbers for "${key}"`, [values.length]);
    return l.constant({ dtype: 'float32', shape, data: Float64Array.from(values, of) });
  };
  const mean = vector('mean', (v) => v);
  const deviation = vector('variance', (v) => Math.max(Math.sqrt(v), 1e-7));
  if (config.boolean('invert', false)) return elementWise(l, 'Add', [mean, elementWise(l, 'Mul', [x, deviation])]);
  return elementWise(l, 'Div', [elementWise(l, 'Sub', [x, mean]), deviation]);
});

/** A number or a list of them, however nested. */
function numbers({ config }: LayerCall, key: string, absent: number): number[] {
  const json = config.raw(key) ?? absent;
  const list = (Array.isArray(json) ? json.flat(8) : [json]) as readonly Json[];
  return list.map((value) => {
    if (typeof value !== 'number' || !Number.isFinite(value)) throw config.error(key, 'numbers', json);
    return value;
  });
}
