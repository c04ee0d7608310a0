import type { Shape } from '@pathwise/model';

/** How an axis is resampled, with the names of ONNX Resize. */
export interface Resampling {
  readonly mode: 'nearest' | 'linear' | 'cubic';
  readonly coordinates:
    | 'half_pixel'
    | 'half_pixel_symmetric'
    | 'pytorch_half_pixel'
    | 'align_corners'
    | 'asymmetric'
    | 'tf_crop_and_resize';
  readonly nearest: 'round_prefer_floor' | 'round_prefer_ceil' | 'floor' | 'ceil';
  /** Coefficient a of the cubic kernel. */
  readonly a: number;
  readonly antialias: boolean;
  readonly excludeOutside: boolean;
}

/** One axis of `size` elements made into `count`; `scale` is the asked for ratio, `region` the part of the axis taken. */
export interface ResampledAxis {
  readonly size: number;
  readonly count: number;
  readonly scale: number;
  readonly region: readonly [start: number, end: number];
}

/**
 * A linear map along one axis, row by row: output o is the sum over k < width of weights[o * width + k] times the input
 * at positions[o * width + k].
 */
export interface AxisMap {
  readonly width: number;
  readonly positions: Int32Array;
  readonly weights: Float64Array;
  /** Outputs that lie outside of the input, or null if none does. */
  readonly outside: readonly boolean[] | null;
}

/** The map of one axis. The neighbours of a place x are those around ceil(x) - 1 and x lies in (0, 1] from there. */
export function axisMap(axis: ResampledAxis, how: Resampling): AxisMap {
  const { size, count } = axis;
  const places = Array.from({ length: count }, (_, o) => originalPlace(o, axis, how.coordinates));
  const crops = how.coordinates === 'tf_crop_and_resize';
  const outside = places.map((x) => crops && (x < 0 || x > size - 1));
  const width = how.mode === 'nearest' ? 1 : footprint(axis.scale, how);
  const positions = new Int32Array(count * width);
  const weights = new Float64Array(count * width);
  for (const [o, x] of places.entries()) {
    if (outside[o]) continue;
    if (how.mode === 'nearest') {
      positions[o] = clamp(nearestTo(x, how.nearest), size);
      weights[o] = 1;
    } else {
      neighbours(x, width, axis, how, positions, weights, o * width);
    }
  }
  return { width, positions, weights, outside: outside.includes(true) ? outside : null };
}

function neighbours(
  x: number,
  width: number,
  { size, scale }: ResampledAxis,
  how: Resampling,
  positions: Int32Array,
  weights: Float64Array,
  at: number,
): void {
  const base = Math.ceil(x) - 1;
  const stretch = how.antialias ? Math.min(scale, 1) : 1;
  let total = 0;
  for (let k = 0; k < width; k++) {
    const position = base + 1 - width / 2 + k;
    const distance = Math.abs(position - x) * stretch;
    const inside = position >= 0 && position < size;
    const weight = how.excludeOutside && !inside ? 0 : kernel(distance, how.mode, how.a);
    positions[at + k] = clamp(position, size);
    weights[at + k] = weight;
    total += weight;
  }
  if (how.antialias || how.excludeOutside) for (let k = 0; k < width; k++) weights[at + k] /= total;
}

/** Number of neighbours: 2 or 4, more where antialiasing widens the kernel. Even. */
function footprint(scale: number, { mode, antialias }: Resampling): number {
  const radius = mode === 'linear' ? 1 : 2;
  return antialias ? 2 * Math.ceil(radius / Math.min(scale, 1)) : 2 * radius;
}

/**
 * Weight of a neighbour at a distance >= 0.
 * @source Keys 1981, Cubic convolution interpolation for digital image processing, equation 4 with a free
 */
export function kernel(d: number, mode: Resampling['mode'], a: number): number {
  if (mode !== 'cubic') return Math.max(0, 1 - d);
  if (d <= 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  return d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0;
}

function nearestTo(x: number, how: Resampling['nearest']): number {
  switch (how) {
    case 'round_prefer_floor':
      return Math.ceil(x - 0.5);
    case 'round_prefer_ceil':
      return Math.floor(x + 0.5);
    case 'floor':
      return Math.floor(x);
    case 'ceil':
      return Math.ceil(x);
  }
}

/** The place in the input of output o. */
function originalPlace(
  o: number,
  { size, count, scale, region }: ResampledAxis,
  how: Resampling['coordinates'],
): number {
  const length = scale * size;
  switch (how) {
    case 'half_pixel':
      return (o + 0.5) / scale - 0.5;
    case 'pytorch_half_pixel':
      return count > 1 ? (o + 0.5) / scale - 0.5 : -0.5;
    case 'half_pixel_symmetric':
      return (size / 2) * (1 - count / length) + (o + 0.5) / scale - 0.5;
    case 'align_corners':
      return length === 1 ? 0 : (o * (size - 1)) / (length - 1);
    case 'asymmetric':
      return o / scale;
    case 'tf_crop_and_resize': {
      const [start, end] = region;
      return length > 1
        ? start * (size - 1) + (o * (end - start) * (size - 1)) / (length - 1)
        : 0.5 * (start + end) * (size - 1);
    }
  }
}

function clamp(position: number, size: number): number {
  return Math.min(Math.max(position, 0), size - 1);
}

/** Whether the map copies the axis. */
export function isIdentity({ width, positions, weights, outside }: AxisMap, { size, count }: ResampledAxis): boolean {
  if (size !== count || outside !== null) return false;
  for (let o = 0; o < count; o++) {
    for (let k = 0; k < width; k++) {
      const at = o * width + k;
      if (weights[at] !== 0 && (positions[at] !== o || weights[at] !== 1)) return false;
    }
  }
  return true;
}

/** Applies a map along an axis of data seen as [outer, size, inner]. */
export function applyAxisMap(
  data: Float64Array,
  { outer, size, inner }: { outer: number; size: number; inner: number },
  { width, positions, weights }: AxisMap,
): Float64Array {
  const count = positions.length / width;
  const out = new Float64Array(outer * count * inner);
  for (let i = 0; i < outer; i++) {
    for (let o = 0; o < count; o++) {
      const to = (i * count + o) * inner;
      for (let k = o * width; k < (o + 1) * width; k++) {
        const weight = weights[k];
        if (weight === 0) continue;
        const from = (i * size + positions[k]) * inner;
        for (let j = 0; j < inner; j++) out[to + j] += weight * data[from + j];
      }
    }
  }
  return out;
}

/** The transpose of a map as a matrix [size, count]. */
export function transposedMatrix(
  { width, positions, weights }: AxisMap,
  size: number,
): { shape: Shape; data: Float64Array } {
  const count = positions.length / width;
  const data = new Float64Array(size * count);
  for (let at = 0; at < positions.length; at++) data[positions[at] * count + Math.floor(at / width)] += weights[at];
  return { shape: [size, count], data };
}
