import { rowsOf, throwIfAborted, toFloat64, type Tensor } from '@pathwise/model';
import { objectiveValue, tileSize, type EvaluationOptions, type FloatVector } from '../evaluate/points.ts';
import { gatherRows } from '../evaluate/rows.ts';
import type { StraightPaths } from '../path.ts';

interface Job {
  readonly count: number;
  visit(i: number, output: number): void;
  onDone?(points: number): void;
}

export interface InputJob extends Job {
  /** The path whose row of fixed feeds and objective a point has. */
  pathOf(i: number): number;
  /** Writes all moving tensors of a point, one after another. */
  fill(i: number, row: FloatVector): void;
  /** Precision of what is written; default float64. */
  readonly precision?: 'float32' | 'float64';
}

/** F at inputs that are written one by one, tile by tile within the byte budget. */
export async function evaluateInputs(paths: StraightPaths, options: EvaluationOptions, job: InputJob): Promise<void> {
  const tile = tileSize(paths, options.maxBytes);
  for (let start = 0; start < job.count; start += tile) {
    throwIfAborted(options.signal);
    const here = Array.from({ length: Math.min(tile, job.count - start) }, (_, i) => job.pathOf(start + i));
    const outputs = await outputsAt(paths, here, { ...job, fill: (i, row) => job.fill(start + i, row) }, options);
    for (const [i, output] of outputs.entries()) job.visit(start + i, output);
    job.onDone?.(start + here.length);
  }
}

/** A path whose elements are taken from its two ends by a selection. */
export interface MixedPoint {
  readonly path: number;
  /** Number of the selection; equal ones that follow each other are made once. */
  readonly selection: number;
}

export interface MixedJob extends Job {
  pointAt(i: number): MixedPoint;
  /** Writes for each element of a row 1 where the path's end `to` is taken and 0 where `from` is. */
  select(selection: number, present: Uint8Array): void;
}

/** F where elements are taken from either end of a path. */
export function evaluateMixed(paths: StraightPaths, options: EvaluationOptions, job: MixedJob): Promise<void> {
  const { pointAt, select, ...rest } = job;
  const present = new Uint8Array(paths.moving.reduce((sum, { size }) => sum + size, 0));
  let selected = -1;
  return evaluateInputs(paths, options, {
    ...rest,
    pathOf: (i) => pointAt(i).path,
    fill(i, row) {
      const { path, selection } = pointAt(i);
      if (selection !== selected) select(selection, present);
      selected = selection;
      let offset = 0;
      for (const { from, to, size } of paths.moving) {
        for (let j = 0; j < size; j++) row[offset + j] = (present[offset + j] === 1 ? to : from)[path * size + j];
        offset += size;
      }
    },
  });
}

async function outputsAt(
  { model, moving, fixed, objective }: StraightPaths,
  ofPoint: readonly number[],
  { fill, precision }: Pick<InputJob, 'fill' | 'precision'>,
  options: EvaluationOptions,
): Promise<number[]> {
  const feeds: Record<string, Tensor> = {};
  for (const [name, feed] of Object.entries(fixed)) {
    feeds[name] = feed.shape[0] === 1 ? feed : gatherRows(feed, ofPoint);
  }
  const floats = (size: number): FloatVector =>
    precision === 'float32' ? new Float32Array(size) : new Float64Array(size);
  const data = moving.map(({ size }) => floats(ofPoint.length * size));
  const joined = floats(moving.reduce((sum, { size }) => sum + size, 0));
  for (const i of ofPoint.keys()) {
    if (moving.length === 1) {
      fill(i, data[0].subarray(i * joined.length, (i + 1) * joined.length));
      continue;
    }
    fill(i, joined);
    let offset = 0;
    for (const [k, { size }] of moving.entries()) {
      data[k].set(joined.subarray(offset, offset + size), i * size);
      offset += size;
    }
  }
  for (const [k, { name, shape }] of moving.entries()) {
    feeds[name] = { dtype: 'float32', shape: [ofPoint.length, ...shape], data: data[k] };
  }
  const output = (await model.forward(feeds, [objective.tensor], options))[objective.tensor] as Tensor;
  return ofPoint.map((path, i) =>
    objectiveValue(objective.rows[objective.rows.length === 1 ? 0 : path], toFloat64(rowsOf(output, i, i + 1).data)),
  );
}
