import { sizeOf, stridesOf, type Shape } from '@pathwise/model';
import type { AttrSpec } from '@pathwise/graph';
import type { OpBuilder } from '../builder.ts';
import { tapRuns } from './tap-runs.ts';
import {
  adjointAttrs,
  asVolume,
  spatialShape,
  WINDOW_ATTRS,
  windowGeometry,
  type WindowAttrs,
  type WindowGeometry,
} from './window.ts';

export type PoolAttrs = WindowAttrs & { kernel_shape: readonly number[]; ceil_mode: number };

export const POOL_ATTRS: Readonly<Record<keyof PoolAttrs, AttrSpec>> = {
  ...WINDOW_ATTRS,
  kernel_shape: { type: 'ints', required: true },
  ceil_mode: { type: 'int', default: 0 },
};

/** The windows of a pooling op over x [batch, channels, ...]. */
export function poolWindows(shape: Shape, attrs: PoolAttrs): WindowGeometry {
  return windowGeometry(spatialShape({ dtype: 'float32', shape }), attrs.kernel_shape, attrs, attrs.ceil_mode === 1);
}

/** Sums x over the windows of every channel. */
export function sumWindows(x: Float64Array, channels: number, windows: WindowGeometry): Float64Array {
  const { runs, step, inputSize, outputSize } = plan(windows);
  const out = new Float64Array(channels * outputSize);
  for (let c = 0; c < channels; c++) {
    for (let r = 0; r < runs.length; r += 4) {
      const to = c * outputSize + runs[r + 1];
      const end = to + runs[r + 3];
      let from = c * inputSize + runs[r + 2];
      for (let i = to; i < end; i++, from += step) out[i] += x[from];
    }
  }
  return out;
}

/** The largest element of every window, and its position in x; the first of equal ones in scan order. */
export function maxWindows(x: Float64Array, channels: number, windows: WindowGeometry): [Float64Array, Float64Array] {
  const { runs, step, inputSize, outputSize } = plan(windows);
  const out = new Float64Array(channels * outputSize).fill(-Infinity);
  const indices = new Float64Array(channels * outputSize).fill(-1);
  for (let c = 0; c < channels; c++) {
    for (let r = 0; r < runs.length; r += 4) {
      const to = c * outputSize + runs[r + 1];
      const end = to + runs[r + 3];
      let from = c * inputSize + runs[r + 2];
      for (let i = to; i < end; i++, from += step) {
        if (x[from] > out[i] || indices[i] < 0) {
          out[i] = x[from];
          indices[i] = from;
        }
      }
    }
  }
  return [out, indices];
}

/** For every window, the positions of its taps in one channel, in scan order; taps in the padding are left out. */
export function windowPositions(windows: WindowGeometry): number[][] {
  const { runs, step, outputSize } = plan(windows);
  const positions = Array.from({ length: outputSize }, (): number[] => []);
  for (let r = 0; r < runs.length; r += 4) {
    for (let i = 0; i < runs[r + 3]; i++) positions[runs[r + 1] + i].push(runs[r + 2] + i * step);
  }
  return positions;
}

/** Of each window, how many taps lie in the input, or with `padding` in the input or its stated padding. */
export function tapCounts(windows: WindowGeometry, padding: boolean): Float64Array {
  const along = windows.output.map((count, axis) => {
    const low = padding ? -windows.padsBegin[axis] : 0;
    const high = windows.input[axis] + (padding ? windows.padsEnd[axis] : 0);
    return Array.from({ length: count }, (_, o) => {
      const first = o * windows.strides[axis] - windows.padsBegin[axis];
      const dilation = windows.dilations[axis];
      const before = Math.max(0, Math.ceil((low - first) / dilation));
      const after = Math.min(windows.kernel[axis], Math.ceil((high - first) / dilation));
      return Math.max(0, after - before);
    });
  });
  const strides = stridesOf(windows.output);
  return Float64Array.from({ length: sizeOf(windows.output) }, (_, i) =>
    along.reduce((product, taps, axis) => product * taps[Math.floor(i / strides[axis]) % taps.length], 1),
  );
}

/** Emits the adjoint of summing over windows: every element gets the cotangents of the windows that hold it. */
export function sumWindowsAdjoint(b: OpBuilder, dy: string, shape: Shape, windows: WindowGeometry): string {
  const channels = shape[0] * shape[1];
  const ones = b.constant({
    dtype: b.type(dy).dtype,
    shape: [1, 1, ...windows.kernel],
    data: new Float64Array(sizeOf(windows.kernel)).fill(1),
  });
  const planes = b.reshape(dy, [channels, 1, ...windows.output]);
  return b.reshape(b.emit('ConvTranspose', [planes, ones], adjointAttrs(windows)), shape);
}

/** Emits the tensor of `shape` in which the elements of dy are added at flat positions. */
export function addAt(b: OpBuilder, shape: Shape, indices: string, dy: string): string {
  const count = sizeOf(b.shape(dy));
  const flat = b.scatterAdd([sizeOf(shape)], b.reshape(indices, [count]), b.reshape(dy, [count]), 0);
  return b.reshape(flat, shape);
}

function plan(windows: WindowGeometry): { runs: Int32Array; step: number; inputSize: number; outputSize: number } {
  const volume = asVolume(windows);
  const [slabs, rows, columns] = volume.output;
  return {
    runs: tapRuns(volume, 0, slabs * rows, 0, columns),
    step: volume.strides[2],
    inputSize: sizeOf(volume.input),
    outputSize: sizeOf(volume.output),
  };
}
