import { sizeOf, stridesOf, type Shape } from '@pathwise/model';
import type { Border } from './baseline.ts';

/**
 * Gaussian blur over some axes, one after the other: weights exp(-j^2 / (2 sigma^2)) for |j| <= floor(4 sigma + 1/2),
 * normalised to sum 1. sigma < 0.125 is the identity.
 *
 * @param sigma - in elements
 * @source the definition of scipy.ndimage.gaussian_filter with truncate = 4; reflect is (d c b a | a b c d | d c b a)
 */
export function gaussianBlur(
  data: Float64Array,
  shape: Shape,
  axes: readonly number[],
  sigma: number,
  border: Border = 'reflect',
): Float64Array {
  const kernel = gaussianKernel(sigma);
  return axes.reduce((blurred, axis) => blurAxis(blurred, shape, axis, kernel, border), data);
}

function gaussianKernel(sigma: number): Float64Array {
  const radius = Math.floor(4 * sigma + 0.5);
  const weights = Float64Array.from({ length: 2 * radius + 1 }, (_, k) =>
    radius === 0 ? 1 : Math.exp(-((k - radius) ** 2) / (2 * sigma * sigma)),
  );
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((w) => w / sum);
}

function blurAxis(data: Float64Array, shape: Shape, axis: number, kernel: Float64Array, border: Border): Float64Array {
  const length = shape[axis];
  const stride = stridesOf(shape)[axis];
  const radius = (kernel.length - 1) / 2;
  const out = new Float64Array(sizeOf(shape));
  for (let at = 0; at < out.length; at++) {
    const place = Math.floor(at / stride) % length;
    const line = at - place * stride;
    let sum = 0;
    for (let k = 0; k < kernel.length; k++) {
      const from = beyondBorder(place + k - radius, length, border);
      if (from >= 0) sum += kernel[k] * data[line + from * stride];
    }
    out[at] = sum;
  }
  return out;
}

/** The place that stands for `i`; -1 for zero. */
function beyondBorder(i: number, length: number, border: Border): number {
  if (i >= 0 && i < length) return i;
  if (border === 'zero') return -1;
  if (border === 'nearest') return i < 0 ? 0 : length - 1;
  const period = 2 * length;
  const folded = ((i % period) + period) % period;
  return folded < length ? folded : period - 1 - folded;
}
