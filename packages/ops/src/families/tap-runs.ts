import type { WindowGeometry } from './window.ts';

/**
 * Where each tap of some windows (rows [row0, row1), columns [column0, column1) of the output) finds elements of the
 * input: runs [tap, position among the windows, position in the input, length]. What lies in the padding is left out.
 */
export function tapRuns(
  volume: WindowGeometry,
  row0: number,
  row1: number,
  column0: number,
  column1: number,
): Int32Array {
  const [kd, kh, kw] = volume.kernel;
  const [sd, sh, sw] = volume.strides;
  const [dd, dh, dw] = volume.dilations;
  const [pd, ph, pw] = volume.padsBegin;
  const [depth, height, width] = volume.input;
  const rows = volume.output[1];
  const runs = new Int32Array(4 * kd * kh * kw * (row1 - row0));
  let count = 0;
  for (let tap = 0; tap < kd * kh * kw; tap++) {
    const zd = Math.floor(tap / (kh * kw)) * dd - pd;
    const zh = (Math.floor(tap / kw) % kh) * dh - ph;
    const zw = (tap % kw) * dw - pw;
    const first = Math.max(column0, Math.ceil(-zw / sw));
    const length = Math.min(column1, Math.floor((width - 1 - zw) / sw) + 1) - first;
    if (length <= 0) continue;
    for (let row = row0; row < row1; row++) {
      const id = Math.floor(row / rows) * sd + zd;
      const ih = (row % rows) * sh + zh;
      if (id < 0 || id >= depth || ih < 0 || ih >= height) continue;
      runs[count++] = tap;
      runs[count++] = (row - row0) * (column1 - column0) + first - column0;
      runs[count++] = (id * height + ih) * width + first * sw + zw;
      runs[count++] = length;
    }
  }
  return runs.subarray(0, count);
}
