import { imageOf, type DataFormat } from './convolution.ts';
import type { LayoutBuilder, LayoutValue } from './layout-builder.ts';

/** Where the centre of an output pixel lies in the input. */
export type PixelCentres = 'half-pixel' | 'align-corners' | 'asymmetric';

/**
 * An image resampled to spatial sizes `sizes`.
 * @source TensorFlow, documentation of tf.raw_ops.ResizeBilinear and ResizeNearestNeighbor
 */
export function resize(
  l: LayoutBuilder,
  x: LayoutValue,
  sizes: readonly number[],
  mode: 'nearest' | 'linear',
  centres: PixelCentres,
  { format = 'channels-last', name }: { readonly format?: DataFormat; readonly name?: string | undefined } = {},
): LayoutValue {
  const { ref, layout } = imageOf(l, x, format);
  const attrs = {
    mode,
    coordinate_transformation_mode: centres.replace('-', '_'),
    nearest_mode: centres === 'asymmetric' ? 'floor' : 'round_prefer_ceil',
  };
  const target = l.b.ints([...l.b.shape(ref).slice(0, 2), ...sizes]);
  return l.emit('Resize', [ref, null, null, target], attrs, layout, name);
}
