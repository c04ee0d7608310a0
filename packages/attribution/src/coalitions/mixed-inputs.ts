import { rowsOf, throwIfAborted, toFloat64, type Tensor } from '@pathwise/model';
import { objectiveValue, tileSize, type EvaluationOptions } from '../evaluate/points.ts';
import { gatherRows } from '../evaluate/rows.ts';
import type { StraightPaths } from '../path.ts';

/** A path whose elements are taken from its two ends by a selection. */
export interface MixedPoint {
  readonly path: number;
  /** Number of the selection; equal ones that follow each other are made once. */
  readonly selection: number;
}

export interface MixedJob {
  readonly count: number;
  pointAt(i: number): MixedPoint;
  /** Writes for each element of a row 1 where the path's end `to` is taken and 0 where `from` is. */
  select(selection: number, present: Uint8Array): void;
  visit(i: number, output: number): void;
  onDone?(points: number): void;
}

/** F where elements are taken from either end of a path, tile by tile within the byte budget. */
export async function evaluateMixed(paths: StraightPaths, options: EvaluationOptions, job: MixedJob): Promise<void> {
  const tile = tileSize(paths, options.maxBytes);
  const present = new Uint8Array(paths.moving.reduce((sum, { size }) => sum + size, 0));
  let selected = -1;
  const presentIn = (selection: number): Uint8Array => {
    if (selection !== selected) job.select(selection, present);
    selected = selection;
    return present;
  };
  for (let start = 0; start < job.count; start += tile) {
    throwIfAborted(options.signal);
    const here = Array.from({ length: Math.min(tile, job.count - start) }, (_, i) => job.pointAt(start + i));
    const outputs = await outputsAt(paths, here, presentIn, options);
    for (const [i, output] of outputs.entries()) job.visit(start + i, output);
    job.onDone?.(start + here.length);
  }
}

async function outputsAt(
  { model, moving, fixed, objective }: StraightPaths,
  points: readonly MixedPoint[],
  presentIn: (selection: number) => Uint8Array,
  options: EvaluationOptions,
): Promise<number[]> {
  const feeds: Record<string, Tensor> = {};
  const ofPoint = points.map(({ path }) => path);
  for (const [name, feed] of Object.entries(fixed)) {
    feeds[name] = feed.shape[0] === 1 ? feed : gatherRows(feed, ofPoint);
  }
  const data = moving.map(({ size }) => new Float64Array(points.length * size));
  for (const [i, { selection, path }] of points.entries()) {
    const present = presentIn(selection);
    let offset = 0;
    for (const [k, { from, to, size }] of moving.entries()) {
      for (let j = 0; j < size; j++) {
        data[k][i * size + j] = (present[offset + j] === 1 ? to : from)[path * size + j];
      }
      offset += size;
    }
  }
  for (const [k, { name, shape }] of moving.entries()) {
    feeds[name] = { dtype: 'float32', shape: [points.length, ...shape], data: data[k] };
  }
  const output = (await model.forward(feeds, [objective.tensor], options))[objective.tensor] as Tensor;
  return points.map(({ path }, i) =>
    objectiveValue(objective.rows[objective.rows.length === 1 ? 0 : path], toFloat64(rowsOf(output, i, i + 1).data)),
  );
}
