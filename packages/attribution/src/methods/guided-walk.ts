import type { Params } from '@pathwise/model';
import type { Context } from '../context.ts';
import { evaluateFree } from '../evaluate/free-points.ts';
import type { ParamSpec } from '../params.ts';
import { isStill, pathEnd, pointOnPath, type StraightPaths } from '../path.ts';
import { guidedStep, type GuidedOptions } from './guided-path.ts';

/** What shapes a guided path. */
export const guidedParams: readonly ParamSpec[] = [
  {
    name: 'fraction',
    type: 'number',
    default: 0.25,
    min: 0.000001,
    max: 1,
    doc: 'Share of the elements, those with the smallest gradients, that move in one go.',
  },
  {
    name: 'maxDistance',
    type: 'number',
    default: 0.02,
    min: 0,
    max: 1,
    doc: 'How far the progress of an element may be from that of the straight path: 0 is straight, 1 unbounded.',
  },
  {
    name: 'anchors',
    type: 'integer',
    default: 0,
    min: 0,
    doc: 'Points of the straight path that the path has to pass through.',
  },
];

/** A step of the path of a row. */
export interface GuidedMove {
  readonly row: number;
  /** F and its gradient where the step starts. */
  readonly output: number;
  readonly gradient: ArrayLike<number>;
  /** End - start of the step. */
  readonly step: Float64Array;
  readonly isLast: boolean;
}

/** Where the path of a row has come to. */
interface Walker {
  readonly row: number;
  /** Baseline and input. */
  readonly first: Float64Array;
  readonly last: Float64Array;
  /** Ends of the part between two anchors. */
  from: Float64Array;
  to: Float64Array;
  progress: Float64Array;
  at: Float64Array;
}

/**
 * Walks the guided paths of all rows that move, side by side: the gradient at the start of a step says where it leads.
 *
 * @param steps - of a path; rounded to the same number in each part between anchors
 * @returns the end of the path of each row that moves
 * @source Kapishnikov, Venugopalan, Avci, Wedin, Terry, Bolukbasi 2021, arXiv:2106.09788
 */
export async function walkGuided(
  { evaluation, rows }: Context,
  paths: StraightPaths,
  params: Params,
  steps: number,
  visit: (move: GuidedMove) => void,
): Promise<ReadonlyMap<number, Float64Array>> {
  const parts = (params['anchors'] as number) + 1;
  const options: GuidedOptions = {
    steps: Math.max(1, Math.round(steps / parts)),
    fraction: params['fraction'] as number,
    maxDistance: params['maxDistance'] as number,
  };
  const moving = Array.from({ length: rows }, (_, row) => row)
    .filter((row) => !isStill(paths, row))
    .map((row) => walkerOf(paths, row));
  const total = moving.length === 0 ? 0 : options.steps * parts;
  for (let step = 0; step < total; step++) {
    const own = step % options.steps;
    if (own === 0) for (const walker of moving) startPart(walker, step / options.steps, parts);
    const pointAt = (i: number) => ({ path: moving[i].row, values: moving[i].at });
    await evaluateFree(paths, moving.length, pointAt, evaluation, (i, output, gradient) => {
      const walker = moving[i];
      const isLast = step === total - 1;
      visit({ row: walker.row, output, gradient, isLast, step: moveOn(walker, gradient, own + 1, options) });
    });
    evaluation.onProgress?.({ phase: 'path', done: step + 1, total });
  }
  return new Map(moving.map(({ row, at }) => [row, at]));
}

function walkerOf(paths: StraightPaths, row: number): Walker {
  const first = pathEnd(paths, row, 'from');
  const last = pathEnd(paths, row, 'to');
  return { row, first, last, from: first, to: last, progress: new Float64Array(first.length), at: first };
}

/** Part k of the path, which `parts` anchors and ends divide. */
function startPart(walker: Walker, k: number, parts: number): void {
  const { first, last } = walker;
  const anchor = (alpha: number): Float64Array => first.map((from, i) => pointOnPath(from, last[i], alpha));
  walker.from = anchor(k / parts);
  walker.to = anchor((k + 1) / parts);
  walker.progress = new Float64Array(first.length);
  walker.at = walker.from;
}

/** The step taken. */
function moveOn(walker: Walker, gradient: ArrayLike<number>, step: number, options: GuidedOptions): Float64Array {
  const { from, to, progress, at } = walker;
  const weights = to.map((end, i) => Math.abs(end - from[i]));
  guidedStep(progress, weights, gradient, step, options);
  walker.at = progress.map((t, i) => pointOnPath(from[i], to[i], t));
  return walker.at.map((value, i) => value - at[i]);
}
