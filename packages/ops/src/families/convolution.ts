import { sizeOf } from '@pathwise/model';
import { addProduct } from './matrix-product.ts';
import { tapRuns } from './tap-runs.ts';
import { asVolume, type WindowGeometry } from './window.ts';

/** A convolution as its loops see it. `input` is the side that the windows slide over, `output` has one element a window. */
export interface Convolution {
  readonly batch: number;
  readonly groups: number;
  /** Channels a group on the side of the input, and on that of the output. */
  readonly inputChannels: number;
  readonly outputChannels: number;
  readonly windows: WindowGeometry;
}

/** Elements of a buffer of unfolded windows: 1 MB, so that it stays in the second-level cache. */
const CHUNK_ELEMENTS = 1 << 17;

/** With fewer output channels than this the windows are not unfolded: it would cost as much as the product. */
const UNFOLD_FROM_CHANNELS = 3;

/**
 * out += conv(x, w). x [batch, groups * inputChannels, ...], w [groups * outputChannels, inputChannels, ...kernel],
 * out [batch, groups * outputChannels, ...].
 */
export function addConvolution(c: Convolution, x: Float64Array, w: Float64Array, out: Float64Array): void {
  const g = layoutOf(c);
  forEachGroup(c, g, (xAt, wAt, outAt) => {
    if (g.pointwise) {
      addProduct(
        c.outputChannels,
        g.outputSize,
        c.inputChannels,
        { data: w, offset: wAt, rowStride: c.inputChannels, columnStride: 1 },
        { data: x, offset: xAt, rowStride: g.inputSize, columnStride: 1 },
        { data: out, offset: outAt, rowStride: g.outputSize, columnStride: 1 },
      );
    } else if (c.outputChannels < UNFOLD_FROM_CHANNELS) {
      for (let m = 0; m < c.outputChannels; m++) {
        for (let i = 0; i < c.inputChannels; i++) {
          const tap0 = wAt + (m * c.inputChannels + i) * g.taps;
          slide(g.chunks[0].runs, g.step, x, xAt + i * g.inputSize, w, tap0, out, outAt + m * g.outputSize);
        }
      }
    } else {
      for (const { start, size, runs } of g.chunks) {
        const columns = unfoldBuffer(g.depth * size);
        for (let i = 0; i < c.inputChannels; i++)
          unfold(runs, g, x, xAt + i * g.inputSize, columns, i * g.taps * size, size);
        addProduct(
          c.outputChannels,
          size,
          g.depth,
          { data: w, offset: wAt, rowStride: g.depth, columnStride: 1 },
          { data: columns, offset: 0, rowStride: size, columnStride: 1 },
          { data: out, offset: outAt + start, rowStride: g.outputSize, columnStride: 1 },
        );
      }
    }
  });
}

/** dx += the adjoint of conv(., w) at dy; shapes as in {@link addConvolution}. It is what ConvTranspose computes. */
export function addConvolutionAdjoint(c: Convolution, dy: Float64Array, w: Float64Array, dx: Float64Array): void {
  const g = layoutOf(c);
  forEachGroup(c, g, (dxAt, wAt, dyAt) => {
    if (g.pointwise) {
      addProduct(
        c.inputChannels,
        g.inputSize,
        c.outputChannels,
        { data: w, offset: wAt, rowStride: 1, columnStride: c.inputChannels },
        { data: dy, offset: dyAt, rowStride: g.outputSize, columnStride: 1 },
        { data: dx, offset: dxAt, rowStride: g.inputSize, columnStride: 1 },
      );
    } else if (c.outputChannels < UNFOLD_FROM_CHANNELS) {
      for (let m = 0; m < c.outputChannels; m++) {
        for (let i = 0; i < c.inputChannels; i++) {
          const tap0 = wAt + (m * c.inputChannels + i) * g.taps;
          slideBack(g.chunks[0].runs, g.step, dy, dyAt + m * g.outputSize, w, tap0, dx, dxAt + i * g.inputSize);
        }
      }
    } else {
      for (const { start, size, runs } of g.chunks) {
        const columns = unfoldBuffer(g.depth * size);
        columns.fill(0, 0, g.depth * size);
        addProduct(
          g.depth,
          size,
          c.outputChannels,
          { data: w, offset: wAt, rowStride: 1, columnStride: g.depth },
          { data: dy, offset: dyAt + start, rowStride: g.outputSize, columnStride: 1 },
          { data: columns, offset: 0, rowStride: size, columnStride: 1 },
        );
        for (let i = 0; i < c.inputChannels; i++)
          fold(runs, g.step, columns, i * g.taps * size, size, dx, dxAt + i * g.inputSize);
      }
    }
  });
}

interface Chunk {
  /** First window and number of windows. */
  readonly start: number;
  readonly size: number;
  readonly runs: Int32Array;
}

interface Layout {
  /** The kernel is 1 and nothing moves: a product of matrices. */
  readonly pointwise: boolean;
  readonly inputSize: number;
  readonly outputSize: number;
  readonly taps: number;
  /** Weights of one output channel. */
  readonly depth: number;
  /** Stride along the innermost axis. */
  readonly step: number;
  readonly chunks: readonly Chunk[];
}

function layoutOf({ inputChannels, outputChannels, windows }: Convolution): Layout {
  const volume = asVolume(windows);
  const taps = sizeOf(volume.kernel);
  const outputSize = sizeOf(volume.output);
  const depth = inputChannels * taps;
  const inputSize = sizeOf(volume.input);
  const pointwise =
    taps === 1 &&
    windows.input.every(
      (size, i) => size === windows.output[i] && windows.strides[i] === 1 && windows.padsBegin[i] === 0,
    );
  const room = outputChannels < UNFOLD_FROM_CHANNELS ? outputSize : Math.max(64, Math.floor(CHUNK_ELEMENTS / depth));
  const chunks = pointwise ? [] : chunksOf(volume, room);
  return { pointwise, inputSize, outputSize, taps, depth, step: volume.strides[2], chunks };
}

function chunksOf(volume: WindowGeometry, room: number): Chunk[] {
  const [slabs, rows, columns] = volume.output;
  const chunks: Chunk[] = [];
  if (columns > room) {
    for (let row = 0; row < slabs * rows; row++) {
      for (let from = 0; from < columns; from += room) {
        const to = Math.min(columns, from + room);
        chunks.push({ start: row * columns + from, size: to - from, runs: tapRuns(volume, row, row + 1, from, to) });
      }
    }
    return chunks;
  }
  const many = Math.floor(room / columns);
  for (let row = 0; row < slabs * rows; row += many) {
    const end = Math.min(slabs * rows, row + many);
    chunks.push({ start: row * columns, size: (end - row) * columns, runs: tapRuns(volume, row, end, 0, columns) });
  }
  return chunks;
}

/** Calls `visit` with the offsets of input, weights and output of each group of each batch element. */
function forEachGroup(
  { batch, groups, inputChannels, outputChannels }: Convolution,
  { inputSize, outputSize, depth }: Layout,
  visit: (input: number, weights: number, output: number) => void,
): void {
  for (let n = 0; n < batch; n++) {
    for (let group = 0; group < groups; group++) {
      const part = n * groups + group;
      visit(part * inputChannels * inputSize, group * outputChannels * depth, part * outputChannels * outputSize);
    }
  }
}

let buffer = new Float64Array(CHUNK_ELEMENTS);

function unfoldBuffer(size: number): Float64Array {
  if (buffer.length < size) buffer = new Float64Array(size);
  return buffer;
}

/** Copies one channel's taps to rows of `size` columns; zeros in the padding. */
function unfold(
  runs: Int32Array,
  { step, taps }: Layout,
  x: Float64Array,
  xAt: number,
  columns: Float64Array,
  at: number,
  size: number,
): void {
  let filled = at;
  for (let r = 0; r < runs.length; r += 4) {
    const to = at + runs[r] * size + runs[r + 1];
    const length = runs[r + 3];
    let from = xAt + runs[r + 2];
    for (; filled < to; filled++) columns[filled] = 0;
    filled = to + length;
    for (let i = to; i < filled; i++, from += step) columns[i] = x[from];
  }
  columns.fill(0, filled, at + taps * size);
}

/** Adds rows of `size` columns back to one channel: the adjoint of {@link unfold}. */
function fold(
  runs: Int32Array,
  step: number,
  columns: Float64Array,
  at: number,
  size: number,
  dx: Float64Array,
  dxAt: number,
): void {
  for (let r = 0; r < runs.length; r += 4) {
    const from = at + runs[r] * size + runs[r + 1];
    const end = from + runs[r + 3];
    let to = dxAt + runs[r + 2];
    for (let i = from; i < end; i++, to += step) dx[to] += columns[i];
  }
}

/** out += one kernel slid over one channel. */
function slide(
  runs: Int32Array,
  step: number,
  x: Float64Array,
  xAt: number,
  w: Float64Array,
  wAt: number,
  out: Float64Array,
  outAt: number,
): void {
  for (let r = 0; r < runs.length; r += 4) {
    const weight = w[wAt + runs[r]];
    const to = outAt + runs[r + 1];
    const end = to + runs[r + 3];
    let from = xAt + runs[r + 2];
    for (let i = to; i < end; i++, from += step) out[i] += weight * x[from];
  }
}

/** The adjoint of {@link slide}. */
function slideBack(
  runs: Int32Array,
  step: number,
  dy: Float64Array,
  dyAt: number,
  w: Float64Array,
  wAt: number,
  dx: Float64Array,
  dxAt: number,
): void {
  for (let r = 0; r < runs.length; r += 4) {
    const weight = w[wAt + runs[r]];
    const from = dyAt + runs[r + 1];
    const end = from + runs[r + 3];
    let to = dxAt + runs[r + 2];
    for (let i = from; i < end; i++, to += step) dx[to] += weight * dy[i];
  }
}
