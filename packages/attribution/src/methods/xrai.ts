import { argumentError, throwIfAborted, toFloat64, type Tensor, type Warning } from '@pathwise/model';
import { declaredOrFoundRange, rowOf } from '../baselines/named.ts';
import { playersOf } from '../coalitions/players.ts';
import type { Context } from '../context.ts';
import { resolveFixed } from '../integration.ts';
import type { Method } from '../method.ts';
import { attributionTensor } from '../outcome.ts';
import { imageAxes } from '../segments/image-axes.ts';
import { overSegment } from '../segments/over-segmentation.ts';
import { rankRegions } from '../segments/rank-regions.ts';
import type { Source } from '../source.ts';
import { integrateInputs } from './integrated-gradients.ts';

const DEFAULT_STEPS = 100;

/**
 * Integrated gradients from black and from white, averaged over regions of the image: of overlapping segments at several
 * scales the one with the highest mean is taken first, then the one that is highest without what is already covered. Each pixel
 * gets the mean of the area that it came in with.
 *
 * @source Kapishnikov, Bolukbasi, Viegas, Terry 2019, arXiv:1906.02825
 */
export const xrai: Method = {
  id: 'xrai',
  title: 'XRAI',
  summary: 'How much a pixel of each region of an image contributed on average, over segments of all sizes.',
  modalities: ['image'],
  needs: ['gradient'],
  takes: { target: true, baseline: 'set', layer: false, neuron: false, quadrature: 'fixed', featureMask: true },
  params: [
    {
      name: 'algorithm',
      type: 'choice',
      default: 'full',
      choices: ['full', 'fast'],
      doc: 'Take the region that gains most each time, or go once through the regions sorted by their means.',
    },
    {
      name: 'channels',
      type: 'choice',
      default: 'max',
      choices: ['max', 'sum'],
      doc: 'How the channels of a pixel become one number: the largest as the authors do, or the sum, which is complete.',
    },
    {
      name: 'minPixelDifference',
      type: 'integer',
      default: 50,
      min: 1,
      doc: 'Pixels that a region must add to what is already covered.',
    },
    {
      name: 'areaThreshold',
      type: 'number',
      default: 1,
      min: 0,
      max: 1,
      doc: 'Share of the image beyond which no further region is added.',
    },
    {
      name: 'scales',
      type: 'numbers',
      default: [50, 100, 150, 250, 500, 1200],
      min: 0,
      fewest: 1,
      doc: 'Scales of the segmentations: the larger, the larger the segments.',
    },
    {
      name: 'sigma',
      type: 'number',
      default: 0.8,
      min: 0,
      doc: 'Blur before segmenting, in pixels of the image of 224 x 224.',
    },
    {
      name: 'minSize',
      type: 'integer',
      default: 150,
      min: 1,
      doc: 'Pixels of a segment at least, of the image of 224 x 224.',
    },
    {
      name: 'dilation',
      type: 'number',
      default: 5,
      min: 0,
      doc: 'Pixels that every segment grows by.',
    },
  ],
  unit: 'contribution',
  perPixel: true,
  claims: ['implementation-invariance'],
  reference: 'Kapishnikov et al. 2019, arXiv:1906.02825',
  async attribute(context) {
    const { outputAtInput, params, request, rows, sources, target } = context;
    const image = imageOf(context);
    const { rule, steps } = resolveFixed({ ...request, steps: request.steps ?? DEFAULT_STEPS }, 'gauss-legendre');
    const baseline = request.baseline ?? { perInput: { [image.source.input]: blackAndWhite(context, image) } };
    const integrated = await integrateInputs(
      {
        ...context,
        request: { ...request, baseline, quadrature: rule, steps },
        params: { multiplyByInputs: true },
      },
      target.objective,
      outputAtInput,
    );
    const { name, size, batched } = image.source;
    const values = toFloat64(integrated.attributions[name].data);
    const given = request.featureMask === undefined ? null : regionsOfMask(context, image);
    const out = new Float64Array(rows * image.pixels);
    const bare: number[] = [];
    const sums = Array.from({ length: rows }, (_, row) => {
      throwIfAborted(request.signal);
      const merged = mergeChannels(image, values.subarray(row * size, (row + 1) * size), params['channels'] === 'sum');
      const { map, areas } = rankRegions(merged, given ?? segmentsOf(context, image, row), {
        algorithm: params['algorithm'] as 'full' | 'fast',
        minPixelDifference: params['minPixelDifference'] as number,
        areaThreshold: params['areaThreshold'] as number,
      });
      if (areas === 0) bare.push(row);
      out.set(map, row * image.pixels);
      return map.reduce((sum, value) => sum + value, 0);
    });
    const { outputAtBaseline = null, warnings = [] } = integrated;
    const isComplete = image.channels === 1 || params['channels'] === 'sum';
    return {
      attributions: { [sources[0].name]: attributionTensor(image.mapShape, rows, out, batched) },
      outputAtInput,
      outputAtBaseline,
      convergenceDelta:
        isComplete && outputAtBaseline !== null
          ? sums.map((sum, row) => sum - (outputAtInput[row] - outputAtBaseline[row]))
          : null,
      warnings: bare.length === 0 ? warnings : [...warnings, noRegion(bare, params['minPixelDifference'] as number)],
    };
  },
};

interface ImageSource {
  readonly source: Source;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly pixels: number;
  /** Channel and pixel of an element of a row. */
  readonly placeOf: (element: number) => readonly [channel: number, pixel: number];
  /** Of a row. */
  readonly mapShape: readonly number[];
}

/**
 * The one attributed input, as an image; rows of one or two axes have a single channel.
 * @throws PathwiseError BAD_ARGUMENT for several inputs, tokens and volumes
 */
function imageOf({ method, sources }: Context): ImageSource {
  const [source] = sources;
  const { shape, size, ids, channelAxis } = source;
  if (sources.length > 1 || ids !== null || shape.length > 3 || shape.length === 0) {
    const found = sources.map((own) => `${own.input} [${own.shape.join(',')}]${own.ids === null ? '' : ' of tokens'}`);
    const hint = 'Name other inputs in constants';
    throw argumentError(method, 'inputs', 'one image of channels x height x width', found.join(' and '), hint);
  }
  const axes =
    shape.length === 3 ? imageAxes(shape, channelAxis) : { channels: 1, spatial: shape, channelsLast: false };
  const { channels, spatial, channelsLast } = axes;
  const [height, width] = spatial.length === 2 ? spatial : [1, ...spatial];
  const pixels = size / channels;
  return {
    source,
    channels,
    height,
    width,
    pixels,
    placeOf: (element) =>
      channelsLast
        ? [element % channels, Math.floor(element / channels)]
        : [Math.floor(element / pixels), element % pixels],
    mapShape: shape.length < 3 ? shape : channelsLast ? [...spatial, 1] : [1, ...spatial],
  };
}

/** Two baselines a row: everywhere the lowest and everywhere the highest value. */
function blackAndWhite({ request, rows }: Context, { source }: ImageSource): { set: Tensor; perRow: true } {
  const range = declaredOrFoundRange(source, request.ranges?.[source.input]);
  const data = new Float64Array(2 * rows * source.size);
  for (let row = 0; row < rows; row++) {
    for (const [k, value] of range(row).entries()) {
      data.fill(value, (2 * row + k) * source.size, (2 * row + k + 1) * source.size);
    }
  }
  return { set: { dtype: 'float64', shape: [rows, 2, ...source.shape], data }, perRow: true };
}

/** One number a pixel. */
function mergeChannels({ pixels, placeOf }: ImageSource, values: Float64Array, sum: boolean): Float64Array {
  const merged = new Float64Array(pixels).fill(sum ? 0 : -Infinity);
  for (const [element, value] of values.entries()) {
    const [, pixel] = placeOf(element);
    merged[pixel] = sum ? merged[pixel] + value : Math.max(merged[pixel], value);
  }
  return merged;
}

/** Segments of a row's image, its values scaled to -1 to 1. */
function segmentsOf({ params, request }: Context, image: ImageSource, row: number): readonly Int32Array[] {
  const { source, channels, height, width, pixels, placeOf } = image;
  // No region of so small an image could be added.
  if (pixels < (params['minPixelDifference'] as number)) return [];
  const [low, high] = declaredOrFoundRange(source, request.ranges?.[source.input])(row);
  const planes = Array.from({ length: channels }, () => new Float64Array(pixels));
  for (const [element, value] of rowOf(source, row).entries()) {
    const [channel, pixel] = placeOf(element);
    planes[channel][pixel] = high > low ? (2 * (value - low)) / (high - low) - 1 : 0;
  }
  return overSegment(planes, height, width, {
    scales: params['scales'] as readonly number[],
    sigma: params['sigma'] as number,
    minSize: params['minSize'] as number,
    dilation: params['dilation'] as number,
  });
}

/** The groups of a mask; a pixel is in the groups of all its channels. */
function regionsOfMask(context: Context, { placeOf }: ImageSource): readonly Int32Array[] {
  return playersOf(context).elements.map((elements) =>
    Int32Array.from(new Set(Array.from(elements, (element) => placeOf(element)[1]))),
  );
}

function noRegion(rows: readonly number[], least: number): Warning {
  const message =
    `no region of row ${rows.join(', ')} has ${least} pixels: the map is the mean over the image. ` +
    'Lower minPixelDifference';
  return { code: 'no-region', message };
}
