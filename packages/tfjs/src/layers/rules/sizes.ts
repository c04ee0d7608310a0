import { pad, slice } from '../../layout/along-axes.ts';
import { resize, type PixelCentres } from '../../layout/resize.ts';
import {
  badShape,
  choice,
  dataFormat,
  dropsMask,
  spatialAxes,
  unsupportedSetting,
  wholeNumbers,
  type LayerCall,
  type LayerRule,
} from '../layer-call.ts';
import type { Json } from '../../files/json.ts';
import type { LayoutValue } from '../../layout/layout-builder.ts';

/** Zeros around the `rank` sizes of an image. */
export function zeroPadding(rank: number): LayerRule {
  return dropsMask((call, x) => {
    const axes = imageAxes(call, x, rank);
    const amounts = pairs(call, 'padding', rank, 1);
    const byAxis = x.shape.map((_, axis) => amounts[axes.indexOf(axis)] ?? ([0, 0] as const));
    return pad(call.l, x, byAxis);
  });
}

/** Elements cut off at both ends of the `rank` sizes of an image. */
export function cropping(rank: number): LayerRule {
  return dropsMask((call, x) => {
    const axes = imageAxes(call, x, rank);
    const amounts = pairs(call, 'cropping', rank, 0);
    const ranges = amounts.map(([start, after], i) => {
      const axis = axes[i] as number;
      const end = (x.shape[axis] as number) - after;
      if (end <= start) throw badShape(call, `more than ${start + after} elements along axis ${axis}`, x.shape);
      return { axis, start, end };
    });
    return slice(call.l, x, ranges);
  });
}

/** Each element repeated, or interpolated. */
export function upSampling(rank: number): LayerRule {
  return dropsMask((call, x) => {
    const axes = imageAxes(call, x, rank);
    const factors = wholeNumbers(call, rank === 1 && !call.config.has('size') ? 'length' : 'size', rank, 2);
    const sizes = axes.map((axis, i) => (x.shape[axis] as number) * (factors[i] as number));
    const mode = rank === 2 ? choice(call, 'interpolation', ['nearest', 'bilinear'], 'nearest') : 'nearest';
    const format = dataFormat(call);
    if (mode === 'nearest') return resize(call.l, x, sizes, 'nearest', 'asymmetric', { format });
    return resize(call.l, x, sizes, 'linear', interpolation(call, 'half-pixel', 'asymmetric'), { format });
  });
}

/** An image resampled to a fixed size. */
export const resizing: LayerRule = dropsMask((call, x) => {
  imageAxes(call, x, 2);
  const { config } = call;
  for (const key of ['crop_to_aspect_ratio', 'pad_to_aspect_ratio', 'antialias']) {
    if (config.has(key) && config.boolean(key)) throw unsupportedSetting(call, `${key} = true`, 'false');
  }
  const sizes = [config.integer('height', undefined, 1), config.integer('width', undefined, 1)];
  const mode = choice(call, 'interpolation', ['bilinear', 'nearest'], 'bilinear');
  const centres = interpolation(call, 'half-pixel', 'align-corners');
  return resize(call.l, x, sizes, mode === 'nearest' ? 'nearest' : 'linear', centres, { format: dataFormat(call) });
});

/** The middle of an image. */
export const centerCrop: LayerRule = dropsMask((call, x) => {
  const axes = imageAxes(call, x, 2);
  const sizes = [call.config.integer('height', undefined, 1), call.config.integer('width', undefined, 1)];
  const ranges = axes.map((axis, i) => {
    const [size, own] = [sizes[i] as number, x.shape[axis] as number];
    if (size > own) throw unsupportedSetting(call, `an image smaller than ${sizes.join(' x ')}, which is resized,`, '');
    const start = Math.floor((own - size) / 2);
    return { axis, start, end: start + size };
  });
  return slice(call.l, x, ranges);
});

/** Runtimes place pixels differently: the one that wrote the file decides. */
function interpolation({ name, writer, warn }: LayerCall, keras: PixelCentres, tfjs: PixelCentres): PixelCentres {
  const [own, centres] = writer === 'tfjs' ? ['TensorFlow.js', tfjs] : ['Keras', keras];
  warn(
    'interpolation',
    `layer "${name}" interpolates with ${centres} pixel centres, as ${own} does, which wrote the file; ` +
      `${writer === 'tfjs' ? 'Keras' : 'TensorFlow.js'} takes ${writer === 'tfjs' ? keras : tfjs}`,
  );
  return centres;
}

function imageAxes(call: LayerCall, x: LayoutValue, rank: number): number[] {
  if (x.shape.length !== rank + 2) throw badShape(call, `an input of ${rank + 2} axes`, x.shape);
  return spatialAxes(rank + 2, dataFormat(call));
}

/** Amounts before and after each axis: a number for all, one an axis, or pairs. */
function pairs(call: LayerCall, key: string, rank: number, absent: number): (readonly [number, number])[] {
  const json = call.config.raw(key) ?? absent;
  const isAmount = (value: Json | undefined): value is number =>
    typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
  const pairOf = (value: Json | undefined): readonly [number, number] => {
    if (isAmount(value)) return [value, value];
    if (Array.isArray(value) && value.length === 2) {
      const [before, after] = value as readonly Json[];
      if (isAmount(before) && isAmount(after)) return [before, after];
    }
    throw call.config.error(key, 'a whole number, or two for each axis', json);
  };
  if (isAmount(json)) return Array.from({ length: rank }, () => [json, json] as const);
  if (rank === 1) return [pairOf(Array.isArray(json) && json.length === 1 ? (json as readonly Json[])[0] : json)];
  if (!Array.isArray(json) || json.length !== rank) throw call.config.error(key, `amounts for ${rank} axes`, json);
  return (json as readonly Json[]).map(pairOf);
}
