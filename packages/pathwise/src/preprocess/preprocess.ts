import { shapeError, type InputInfo, type Tensor, type Warning } from '@pathwise/model';
import type { Image } from '@pathwise/viz';
import { NAMED_PREPROCESSINGS, type ChannelOrder, type ImageLayout, type Preprocessing } from './recipe.ts';
import { pixelsOf, resize, toImage, type Pixels } from './resize.ts';

/** A model's input made from an image. */
export interface PreprocessedImage {
  /** Shape [1, ...input]. */
  readonly tensor: Tensor;
  /** The image at the size that the model sees, before channels and scale: what attributions are drawn over. */
  readonly image: Image;
  readonly layout: ImageLayout;
  readonly warnings: readonly Warning[];
}

/** Weights of the luma, ITU-R BT.601. */
const LUMA = [0.299, 0.587, 0.114] as const;

/**
 * Turns an image into the input of a model. Without a recipe: size and layout from the model, pixels divided by 255,
 * with a warning.
 *
 * @throws PathwiseError BAD_SHAPE when the input takes no images, or the recipe another size or number of channels
 */
export function preprocess(image: Image, input: InputInfo, recipe?: Preprocessing): PreprocessedImage {
  const { width, height, layout, channels } = geometry(input, recipe ?? {}, image);
  const used = recipe ?? NAMED_PREPROCESSINGS.unit;
  const resized = resize(pixelsOf(image), width, height, used.resize ?? 'stretch');
  const planes = planesOf(resized, channels);
  const scale = used.scale ?? 1;
  const mean = perChannel(used.mean ?? [0], planes.length, 'mean', input);
  const std = perChannel(used.std ?? [1], planes.length, 'std', input);
  const data = new Float32Array(width * height * planes.length);
  for (const [c, plane] of planes.entries()) {
    for (const [p, x] of plane.entries()) {
      const place = layout === 'nchw' ? c * plane.length + p : p * planes.length + c;
      data[place] = (x * scale - (mean[c] as number)) / (std[c] as number);
    }
  }
  const shape = layout === 'nchw' ? [planes.length, height, width] : [height, width, planes.length];
  const rank = input.shape.length;
  return {
    tensor: { dtype: 'float32', shape: rank === 4 ? [1, ...shape] : [1, height, width], data },
    image: toImage(resized),
    layout,
    warnings: recipe === undefined ? [defaultWarning(input, width, height)] : [],
  };
}

interface Geometry {
  readonly width: number;
  readonly height: number;
  readonly layout: ImageLayout;
  readonly channels: ChannelOrder;
}

/** Sizes and layout from the model's input shape, completed and contradicted by the recipe. */
function geometry(input: InputInfo, recipe: Preprocessing, image: Image): Geometry {
  const rank = input.shape.length;
  const isGrey = recipe.channels === 'gray';
  if (rank !== 4 && rank !== 3) {
    throw shapeError(
      'preprocess',
      `input "${input.name}" of an image`,
      '[batch,channels,height,width]',
      input.shape,
      'Give a .npy',
    );
  }
  const layout = recipe.layout ?? (isChannelsLast(input) ? 'nhwc' : 'nchw');
  const [count, rows, columns] =
    rank === 3
      ? [1, input.shape[1], input.shape[2]]
      : layout === 'nchw'
        ? input.shape.slice(1)
        : [input.shape[3], input.shape[1], input.shape[2]];
  const known = typeof count === 'number' ? count : isGrey ? 1 : 3;
  const channels = recipe.channels ?? (known === 1 ? 'gray' : 'rgb');
  if (known !== (channels === 'gray' ? 1 : 3)) {
    throw shapeError(
      'preprocess',
      `input "${input.name}"`,
      channels === 'gray' ? 'with 1 channel' : 'with 3 channels',
      input.shape,
      'Say "layout" and "channels" in a preprocessing file',
    );
  }
  return {
    width: oneSize('width', recipe.width, columns, image.width, input),
    height: oneSize('height', recipe.height, rows, image.height, input),
    layout,
    channels,
  };
}

/** What the model says, or what its sizes look like. */
function isChannelsLast({ shape, channelsLast }: InputInfo): boolean {
  return shape.length === 4 && (channelsLast ?? (isChannels(shape[3]) && !isChannels(shape[1])));
}

function isChannels(size: number | string | undefined): boolean {
  return size === 1 || size === 3;
}

function oneSize(
  name: string,
  wanted: number | undefined,
  model: number | string | undefined,
  own: number,
  input: InputInfo,
): number {
  if (typeof model !== 'number') return wanted ?? own;
  if (wanted !== undefined && wanted !== model) {
    throw shapeError('preprocess', `input "${input.name}"`, `of ${name} ${wanted}`, input.shape, `Leave "${name}" out`);
  }
  return model;
}

function planesOf({ width, height, channels, data }: Pixels, order: ChannelOrder): Float64Array[] {
  const count = width * height;
  const plane = (c: number): Float64Array =>
    Float64Array.from({ length: count }, (_, p) => data[p * channels + c] as number);
  if (channels === 1) return order === 'gray' ? [plane(0)] : [plane(0), plane(0), plane(0)];
  const planes = [plane(0), plane(1), plane(2)] as const;
  if (order === 'rgb') return [...planes];
  if (order === 'bgr') return [planes[2], planes[1], planes[0]];
  return [
    planes[0].map((r, p) => LUMA[0] * r + LUMA[1] * (planes[1][p] as number) + LUMA[2] * (planes[2][p] as number)),
  ];
}

function perChannel(values: readonly number[], count: number, name: string, input: InputInfo): readonly number[] {
  if (values.length === count) return values;
  if (values.length === 1) return Array.from({ length: count }, () => values[0] as number);
  throw shapeError('preprocess', `"${name}" for input "${input.name}"`, `[${count}] or [1]`, [values.length]);
}

function defaultWarning(input: InputInfo, width: number, height: number): Warning {
  return {
    code: 'default-preprocessing',
    message:
      `the image was scaled to ${width} x ${height} and its pixels divided by 255, since nothing says how "${input.name}" ` +
      'was preprocessed in training. Say it with --preprocess (imagenet, unit, signed, raw or a file)',
  };
}
