import type { Shape } from '@pathwise/model';

/** How the elements of a row lie: positions over the axes that segments are cut along, and channels at each of them. */
export interface ImageAxes {
  readonly channels: number;
  /** Sizes of the other axes. */
  readonly spatial: readonly number[];
  /** Channels stand after the positions. */
  readonly channelsLast: boolean;
}

/** An image has at most as many channels where they stand last. */
const MOST_CHANNELS = 4;

/**
 * The first axis of several counts channels; or the last, if the model says so (`channelAxis` above 0) or if in an image
 * that one alone is short.
 */
export function imageAxes(shape: Shape, channelAxis: number = 0): ImageAxes {
  if (shape.length <= 1) return { channels: 1, spatial: shape, channelsLast: false };
  const [first, last] = [shape[0], shape[shape.length - 1]];
  const looksLast = shape.length === 3 && last <= MOST_CHANNELS && first > MOST_CHANNELS;
  const channelsLast = channelAxis > 0 || looksLast;
  return {
    channels: channelsLast ? last : first,
    spatial: channelsLast ? shape.slice(0, -1) : shape.slice(1),
    channelsLast,
  };
}

/** A label for each position, as a mask that all channels share. */
export function maskOfPositions({ spatial, channelsLast }: ImageAxes, labels: Int32Array): Segments {
  return { shape: channelsLast ? [...spatial, 1] : [...spatial], labels };
}

/** Labels from 0 on; the shape broadcasts to a row. */
export interface Segments {
  readonly shape: readonly number[];
  readonly labels: Int32Array;
}
