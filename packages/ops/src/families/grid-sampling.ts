import { sizeOf, type Shape } from '@pathwise/model';
import type { OpBuilder } from '../builder.ts';
import { kernel } from './resampling.ts';

export type GridSampleAttrs = {
  align_corners: number;
  mode: 'linear' | 'nearest' | 'cubic';
  padding_mode: 'zeros' | 'border' | 'reflection';
};

/** Coefficient of the cubic kernel. */
const A = -0.75;

/** Neighbours of a place x, as offsets from floor(x), or from x rounded where nearest. */
function tapsOf(mode: GridSampleAttrs['mode']): readonly number[] {
  return mode === 'nearest' ? [0] : mode === 'linear' ? [0, 1] : [-1, 0, 1, 2];
}

/** Where an axis is reflected: at the centres of its outer elements, or at their outer edges. */
function endsOf(size: number, attrs: GridSampleAttrs): [low: number, high: number] {
  return attrs.align_corners ? [0, size - 1] : [-0.5, size - 0.5];
}

/** Place = scale * coordinate + shift for a coordinate in [-1, 1]. */
function placement(size: number, attrs: GridSampleAttrs): [scale: number, shift: number] {
  return attrs.align_corners ? [(size - 1) / 2, (size - 1) / 2] : [size / 2, (size - 1) / 2];
}

/** Samples x [n, c, ...sizes] at the places of grid [n, points, rank]: [n, c, points]. */
export function sampleGrid(
  x: Float64Array,
  grid: Float64Array,
  [batch, channels, ...sizes]: Shape,
  points: number,
  attrs: GridSampleAttrs,
): Float64Array {
  const area = sizeOf(sizes);
  const out = new Float64Array(batch * channels * points);
  const rank = sizes.length;
  const count = tapsOf(attrs.mode).length;
  const positions = new Int32Array(rank * count);
  const weights = new Float64Array(rank * count);
  for (let n = 0; n < batch; n++) {
    for (let p = 0; p < points; p++) {
      // The last coordinate belongs to the first spatial axis.
      for (let axis = 0; axis < rank; axis++) {
        const coordinate = grid[(n * points + p) * rank + rank - 1 - axis];
        fillTaps(coordinate, sizes[axis], attrs, positions, weights, axis * count);
      }
      for (let tap = 0; tap < count ** rank; tap++) {
        let at = 0;
        let weight = 1;
        for (let axis = 0, rest = tap; axis < rank; axis++, rest = Math.floor(rest / count)) {
          const k = axis * count + (rest % count);
          at = at * sizes[axis] + positions[k];
          weight *= weights[k];
        }
        if (weight === 0) continue;
        for (let c = 0; c < channels; c++) {
          out[(n * channels + c) * points + p] += weight * x[(n * channels + c) * area + at];
        }
      }
    }
  }
  return out;
}

function fillTaps(
  coordinate: number,
  size: number,
  attrs: GridSampleAttrs,
  positions: Int32Array,
  weights: Float64Array,
  at: number,
): void {
  const [scale, shift] = placement(size, attrs);
  const [low, high] = endsOf(size, attrs);
  let place = scale * coordinate + shift;
  if (attrs.mode === 'nearest') place = roundHalfEven(place);
  if (attrs.padding_mode === 'reflection') place = reflect(place, low, high);
  const base = attrs.mode === 'nearest' ? Math.round(place) : Math.floor(place);
  for (const [k, offset] of tapsOf(attrs.mode).entries()) {
    let position = base + offset;
    const outside = position < 0 || position >= size;
    if (attrs.padding_mode === 'reflection') position = Math.round(reflect(position, low, high));
    positions[at + k] = Math.min(Math.max(position, 0), size - 1);
    const weight = attrs.mode === 'nearest' ? 1 : kernel(Math.abs(place - base - offset), attrs.mode, A);
    weights[at + k] = outside && attrs.padding_mode === 'zeros' ? 0 : weight;
  }
}

function roundHalfEven(x: number): number {
  const low = Math.floor(x);
  return x - low < 0.5 || (x - low === 0.5 && low % 2 === 0) ? low : low + 1;
}

function reflect(x: number, low: number, high: number): number {
  const range = high - low;
  if (range === 0) return low;
  const within = x - low - Math.floor((x - low) / (2 * range)) * 2 * range;
  return low + Math.min(within, 2 * range - within);
}

/** One neighbour along one axis: its position (whole numbers, as floats) and weight (null: 1), [n, points] each. */
interface Tap {
  readonly position: string;
  readonly weight: string | null;
}

/** Emits what {@link sampleGrid} computes. */
export function emitSampleGrid(b: OpBuilder, x: string, grid: string, points: number, attrs: GridSampleAttrs): string {
  const [batch, channels, ...sizes] = b.shape(x);
  const rank = sizes.length;
  const flat = b.reshape(grid, [batch, points, rank]);
  const axes = sizes.map((size, axis) => {
    const component = b.slice(flat, [rank - 1 - axis], [rank - axis], [2]);
    return emitTaps(b, b.reshape(component, [batch, points]), size, attrs);
  });
  const values = b.reshape(x, [batch, channels, sizeOf(sizes)]);
  let combined: Tap[] = axes[0];
  for (const [i, taps] of axes.slice(1).entries()) {
    combined = combined.flatMap((left) =>
      taps.map((right) => ({
        position: b.add(b.mul(left.position, sizes[i + 1]), right.position),
        weight: times(b, left.weight, right.weight),
      })),
    );
  }
  const terms = combined.map(({ position, weight }) => {
    const index = b.emit('Cast', [b.reshape(position, [batch, 1, points])], { to: 'int64' });
    const found = b.emit('GatherElements', [values, b.expand(index, [batch, channels, points])], { axis: 2 });
    return weight === null ? found : b.mul(found, b.reshape(weight, [batch, 1, points]));
  });
  return terms.reduce((sum, term) => b.add(sum, term));
}

function times(b: OpBuilder, left: string | null, right: string | null): string | null {
  if (left === null) return right;
  return right === null ? left : b.mul(left, right);
}

function emitTaps(b: OpBuilder, coordinate: string, size: number, attrs: GridSampleAttrs): Tap[] {
  const [scale, shift] = placement(size, attrs);
  const [low, high] = endsOf(size, attrs);
  let place = b.add(b.mul(coordinate, scale), shift);
  if (attrs.mode === 'nearest') place = b.unary('Round', place);
  if (attrs.padding_mode === 'reflection') place = emitReflect(b, place, low, high);
  const base = b.unary(attrs.mode === 'nearest' ? 'Round' : 'Floor', place);
  const part = attrs.mode === 'nearest' ? null : b.sub(place, base);
  return tapsOf(attrs.mode).map((offset): Tap => {
    const position = b.add(base, offset);
    const inside = emitClip(
      b,
      attrs.padding_mode === 'reflection' ? b.unary('Round', emitReflect(b, position, low, high)) : position,
      size,
    );
    const weight = part === null ? null : emitKernel(b, part, offset, attrs.mode);
    if (attrs.padding_mode !== 'zeros') return { position: inside, weight };
    const within = b.castLike(b.equal(inside, position), coordinate);
    return { position: inside, weight: times(b, within, weight) };
  });
}

function emitClip(b: OpBuilder, x: string, size: number): string {
  const { dtype } = b.type(x);
  return b.emit('Clip', [x, b.scalar(0, dtype), b.scalar(size - 1, dtype)]);
}

function emitReflect(b: OpBuilder, x: string, low: number, high: number): string {
  const period = 2 * (high - low);
  if (period === 0) return b.expand(b.scalar(low, b.type(x).dtype), b.shape(x));
  const shifted = b.sub(x, low);
  const within = b.sub(shifted, b.mul(b.unary('Floor', b.div(shifted, period)), period));
  return b.add(b.emit('Min', [within, b.sub(period, within)]), low);
}

/** The kernel at the distance of the tap at `offset` from a place `part` beyond its base. */
function emitKernel(b: OpBuilder, part: string, offset: number, mode: GridSampleAttrs['mode']): string {
  if (mode === 'linear') return offset === 0 ? b.sub(1, part) : part;
  const d = offset <= 0 ? b.sub(part, offset) : b.sub(offset, part);
  const polynomial = (c3: number, c2: number, c1: number, c0: number): string =>
    b.add(b.mul(b.add(b.mul(b.add(b.mul(d, c3), c2), d), c1), d), c0);
  return offset === 0 || offset === 1 ? polynomial(A + 2, -(A + 3), 0, 1) : polynomial(A, -5 * A, 8 * A, -4 * A);
}
