import type { OpBuilder } from '../builder.ts';

/** Positions [from, to) of the result read the input at `at`, `at + step`, …; step is -1, 0 or 1. */
interface Run {
  readonly from: number;
  to: number;
  readonly at: number;
  step: -1 | 0 | 1;
}

/** More pieces than this are dearer than one scatter. */
const MOST_RUNS = 6;

/**
 * Adjoint of y[.., i, ..] = x[.., map[i], ..] along one axis: the cotangent of x, which has `size` elements along
 * `axis`. Few straight pieces become slices, reversals and pads, others a scatter.
 */
export function axisMapAdjoint(b: OpBuilder, dy: string, axis: number, map: readonly number[], size: number): string {
  const shape = b.shape(dy);
  const pieces = runs(map);
  const target = shape.with(axis, size);
  if (pieces.length === 0) return b.zeros(target, dy);
  if (pieces.length <= MOST_RUNS) {
    return pieces.map((run) => placeRun(b, dy, axis, run, size)).reduce((sum, piece) => b.add(sum, piece));
  }
  return b.scatterAdd(target, b.ints(map), dy, axis);
}

function runs(map: readonly number[]): Run[] {
  const found: Run[] = [];
  for (const [i, at] of map.entries()) {
    const last = found.at(-1);
    if (last !== undefined) {
      const length = i - last.from;
      const step = length === 1 ? at - last.at : last.step;
      if (Math.abs(step) <= 1 && at === last.at + length * step) {
        last.step = step as -1 | 0 | 1;
        last.to = i + 1;
        continue;
      }
    }
    found.push({ from: i, to: i + 1, at, step: 1 });
  }
  return found;
}

function placeRun(b: OpBuilder, dy: string, axis: number, { from, to, at, step }: Run, size: number): string {
  const shape = b.shape(dy);
  const length = to - from;
  let piece = dy;
  if (step === -1) {
    piece = b.slice(dy, [to - 1], [from === 0 ? -Number.MAX_SAFE_INTEGER : from - 1], [axis], [-1]);
  } else if (length < shape[axis]) {
    piece = b.slice(dy, [from], [to], [axis]);
  }
  if (step === 0) piece = b.reduceSum(piece, [axis]);
  const start = step === -1 ? at - length + 1 : at;
  const pads = new Array<number>(2 * shape.length).fill(0);
  pads[axis] = start;
  pads[shape.length + axis] = size - start - (step === 0 ? 1 : length);
  return b.pad(piece, pads);
}
