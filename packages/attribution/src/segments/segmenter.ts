import { argumentError, type Tensor } from '@pathwise/model';
import type { Source } from '../source.ts';
import { felzenszwalb } from './felzenszwalb.ts';
import { gridSegments } from './grid.ts';
import { imageAxes, maskOfPositions, type ImageAxes, type Segments } from './image-axes.ts';
import { labColours } from './lab.ts';
import { slic } from './slic.ts';

/**
 * Segments that are found instead of given: `grid:SIDE`, squares of pixels; `slic:N`, about N superpixels;
 * `felzenszwalb:SCALE`, pixels of like colour joined, the more the larger the scale.
 */
export type Segmenter = `grid:${number}` | `slic:${number}` | `felzenszwalb:${number}`;

const COMPACTNESS = 10;
/** Blur before joining pixels, and the fewest pixels of a segment. */
const [SIGMA, MIN_SIZE] = [0.8, 20];

/**
 * The feature mask of a segmenter for one row: squares, or superpixels of the row's image, over all channels.
 * @throws PathwiseError BAD_ARGUMENT for an unknown name, or where there is no image to segment
 */
export function segmentMask(segmenter: string, source: Source, rows: number): Tensor {
  const [name, amount] = segmenter.split(':');
  const count = Number(amount);
  if (!Number.isInteger(count) || count < 1 || (name !== 'grid' && name !== 'slic' && name !== 'felzenszwalb')) {
    const expected = 'grid:SIDE, slic:SEGMENTS or felzenszwalb:SCALE, or a tensor of ids';
    throw argumentError('featureMask', 'name', expected, segmenter);
  }
  if (source.ids !== null) {
    throw argumentError('featureMask', `"${source.input}"`, 'ids of spans: it holds tokens, no image', segmenter);
  }
  const { shape, labels } =
    name === 'grid' ? gridSegments(source.shape, count, source.channelAxis) : ofColours(name, source, rows, count);
  return { dtype: 'int32', shape, data: labels };
}

function ofColours(name: 'slic' | 'felzenszwalb', source: Source, rows: number, amount: number): Segments {
  const axes = imageAxes(source.shape, source.channelAxis);
  const [height = 0, width = 0] = axes.spatial;
  if (axes.spatial.length !== 2) {
    throw argumentError('featureMask', `"${source.input}"`, `an image of channels x height x width for ${name}`, [
      ...source.shape,
    ]);
  }
  if (rows !== 1) {
    throw argumentError(
      'featureMask',
      'rows',
      `one for ${name}: every image has its own segments. Explain rows singly`,
      rows,
    );
  }
  const planes = planesOf(source, axes);
  if (name === 'felzenszwalb') {
    const [labels] = felzenszwalb(planes, height, width, { scales: [amount], sigma: SIGMA, minSize: MIN_SIZE });
    return maskOfPositions(axes, labels);
  }
  const options = { segments: Math.min(amount, height * width), compactness: COMPACTNESS };
  return maskOfPositions(axes, slic(coloursOf(planes), height, width, options));
}

/** Channels, their values scaled to 0 to 1 if they go beyond. */
function planesOf({ values, size }: Source, { channels, channelsLast }: ImageAxes): Float64Array[] {
  const pixels = size / channels;
  let [low, high] = [0, 1];
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return Array.from({ length: channels }, (_, channel) =>
    Float64Array.from({ length: pixels }, (__, pixel) => {
      const value = values[channelsLast ? pixel * channels + channel : channel * pixels + pixel];
      return (value - low) / (high - low);
    }),
  );
}

/** CIELAB of grey and RGB images; other channels as they are, in hundredths. */
function coloursOf(planes: readonly Float64Array[]): Float64Array[] {
  const [red, green = red, blue = red] = planes;
  return planes.length === 1 || planes.length === 3
    ? labColours(red, green, blue)
    : planes.map((plane) => plane.map((value) => 100 * value));
}
