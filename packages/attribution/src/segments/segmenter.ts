import { argumentError, type Tensor } from '@pathwise/model';
import type { Source } from '../source.ts';
import { gridSegments } from './grid.ts';
import { imageAxes, maskOfPositions, type ImageAxes, type Segments } from './image-axes.ts';
import { labColours } from './lab.ts';
import { slic } from './slic.ts';

/** Segments that are found instead of given: `grid:SIDE`, squares of pixels; `slic:N`, about N superpixels. */
export type Segmenter = `grid:${number}` | `slic:${number}`;

const COMPACTNESS = 10;

/**
 * The feature mask of a segmenter for one row: squares, or superpixels of the row's image, over all channels.
 * @throws PathwiseError BAD_ARGUMENT for an unknown name, or where there is no image to segment
 */
export function segmentMask(segmenter: string, source: Source, rows: number): Tensor {
  const [name, amount] = segmenter.split(':');
  const count = Number(amount);
  if (!Number.isInteger(count) || count < 1 || (name !== 'grid' && name !== 'slic')) {
    throw argumentError('featureMask', 'name', 'grid:SIDE or slic:SEGMENTS, or a tensor of ids', segmenter);
  }
  if (source.ids !== null) {
    throw argumentError('featureMask', `"${source.input}"`, 'ids of spans: it holds tokens, no image', segmenter);
  }
  const { shape, labels } =
    name === 'grid' ? gridSegments(source.shape, count, source.channelAxis) : superpixels(source, rows, count);
  return { dtype: 'int32', shape, data: labels };
}

function superpixels(source: Source, rows: number, segments: number): Segments {
  const axes = imageAxes(source.shape, source.channelAxis);
  const [height = 0, width = 0] = axes.spatial;
  if (axes.spatial.length !== 2) {
    throw argumentError('featureMask', `"${source.input}"`, 'an image of channels x height x width for slic', [
      ...source.shape,
    ]);
  }
  if (rows !== 1) {
    throw argumentError(
      'featureMask',
      'rows',
      'one for slic: every image has its own segments. Explain rows singly',
      rows,
    );
  }
  const options = { segments: Math.min(segments, height * width), compactness: COMPACTNESS };
  return maskOfPositions(axes, slic(coloursOf(source, axes), height, width, options));
}

/** CIELAB of grey and RGB images, whose values are scaled to 0 to 1 if they go beyond; other channels as they are. */
function coloursOf({ values, size }: Source, { channels, channelsLast }: ImageAxes): Float64Array[] {
  const pixels = size / channels;
  let [low, high] = [0, 1];
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const planes = Array.from({ length: channels }, (_, channel) =>
    Float64Array.from({ length: pixels }, (__, pixel) => {
      const value = values[channelsLast ? pixel * channels + channel : channel * pixels + pixel];
      return (value - low) / (high - low);
    }),
  );
  if (channels === 1) return labColours(planes[0], planes[0], planes[0]);
  return channels === 3
    ? labColours(planes[0], planes[1], planes[2])
    : planes.map((plane) => plane.map((value) => 100 * value));
}
