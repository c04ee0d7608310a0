import { sizeOf } from '@pathwise/model';
import type { Json } from '../../files/json.ts';
import { expandDims, reshape } from '../../layout/along-axes.ts';
import { badShape, dataFormat, dropsMask, type LayerRule } from '../layer-call.ts';

/** All elements of a row side by side, channels last. */
export const flatten: LayerRule = dropsMask((call, x) => {
  const { l } = call;
  const rank = x.shape.length;
  const isFirst = dataFormat(call) === 'channels-first' && rank > 2;
  const last = isFirst ? l.transpose(x, [0, ...Array.from({ length: rank - 2 }, (_, i) => i + 2), 1]) : x;
  return reshape(l, last, [x.shape[0] as number, sizeOf(x.shape.slice(1))]);
});

/** Another shape of a row; one size may be -1, which TensorFlow.js writes as null. */
export const reshapeLayer: LayerRule = dropsMask((call, x) => {
  const json = call.config.array('target_shape').map((d) => d ?? -1);
  const isSize = (d: Json): d is number => typeof d === 'number' && Number.isSafeInteger(d) && d >= -1;
  if (!json.every(isSize) || json.filter((d) => d === -1).length > 1) {
    throw call.config.error('target_shape', 'sizes, of which at most one is -1', json);
  }
  const target = json as readonly number[];
  const known = target.reduce((product, d) => (d === -1 ? product : product * d), 1);
  const size = sizeOf(x.shape.slice(1));
  const fits = target.includes(-1) ? known > 0 && size % known === 0 : known === size;
  if (!fits) throw badShape(call, `an input that fills rows of shape [${target.join(',')}]`, x.shape);
  const row = target.map((d) => (d === -1 ? size / known : d));
  return reshape(call.l, x, [x.shape[0] as number, ...row]);
});

/** `dims` counts the axes of a row from 1. */
export const permute: LayerRule = dropsMask((call, x) => {
  const json = call.config.array('dims');
  const sorted = [...json].sort((a, b) => Number(a) - Number(b));
  if (json.length !== x.shape.length - 1 || !sorted.every((d, i) => d === i + 1)) {
    throw call.config.error('dims', `the numbers 1 to ${x.shape.length - 1} in some order`, json as Json);
  }
  return call.l.transpose(x, [0, ...(json as readonly number[])]);
});

/** [batch, features] becomes [batch, n, features]. */
export const repeatVector: LayerRule = dropsMask((call, x) => {
  const n = call.config.integer('n', undefined, 1);
  if (x.shape.length !== 2) throw badShape(call, 'an input of 2 axes', x.shape);
  const { l } = call;
  const column = expandDims(l, x, 1);
  return l.value(l.b.expand(column.ref, [x.shape[0] as number, n, x.shape[1] as number]));
});
