import { asVolume, type WindowGeometry } from '@pathwise/ops';
import { unsupported, type Emitter } from '../emitter.ts';
import { sliced, type View } from '../view.ts';
import { MAX_TAPS, tapsOf } from './kernel-words.ts';

/** Axes of [batch, channels, ...spatial] in memory: channels of one pixel side by side. */
export function pixelOrder(rank: number): number[] {
  return [0, ...Array.from({ length: rank - 2 }, (_, i) => i + 2), 1];
}

/** x [batch, channels, ...] as the kernels read it: in the arena, with channels of stride 1. */
export function withPixels(e: Emitter, x: View): View {
  const ready = x.buffer !== null && (x.shape[1] === 1 || x.strides[1] === 1);
  return ready ? x : e.ordered(x, pixelOrder(x.shape.length));
}

/** Example `n` of x [batch, channels, ...1 to 3 axes] as [channels, depth, rows, columns]. */
export function volumeOf(x: View, n: number): View {
  const { offset, shape, strides } = sliced(x, 0, n, 1);
  const missing = 5 - shape.length;
  const lead = (values: readonly number[], fill: number): number[] => [
    values[1],
    ...new Array<number>(missing).fill(fill),
    ...values.slice(2),
  ];
  return { buffer: x.buffer, offset, shape: lead(shape, 1), strides: lead(strides, 0) };
}

/** The windows over three axes, checked against what the kernels take. */
export function volumeWindows(windows: WindowGeometry): WindowGeometry {
  if (tapsOf(windows) > MAX_TAPS) throw unsupported(`a window of ${tapsOf(windows)} taps; kernels take ${MAX_TAPS}`);
  return asVolume(windows);
}
