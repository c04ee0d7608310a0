import type { Context } from '../context.ts';
import { evaluateFree } from '../evaluate/free-points.ts';
import { endsOf } from '../input-paths.ts';
import { curveSteps } from '../integration.ts';
import type { Method } from '../method.ts';
import { contributionOutcome } from '../outcome.ts';
import { isStill, pathEnd, pointOnPath, type StraightPaths } from '../path.ts';
import { oneBaselinePaths } from './baseline-set.ts';
import { guidedStep, type GuidedOptions } from './guided-path.ts';

const DEFAULT_STEPS = 200;

/**
 * Integrated gradients along a path that the model chooses: at every step the elements with the smallest |gradient| move
 * first, which keeps the path out of regions where the gradient is large for no reason of the input.
 *
 * @source Kapishnikov, Venugopalan, Avci, Wedin, Terry, Bolukbasi 2021, arXiv:2106.09788; the trapezoid is ours
 */
export const guidedIntegratedGradients: Method = {
  id: 'guided-integrated-gradients',
  title: 'Guided integrated gradients',
  summary: 'What each feature contributed along a path on which features with small gradients move first.',
  modalities: ['tabular', 'image', 'text', 'series', 'audio'],
  needs: ['gradient'],
  takes: { target: true, baseline: 'one', layer: false, neuron: false, quadrature: 'steps' },
  params: [
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
    {
      name: 'panelRule',
      type: 'choice',
      default: 'trapezoid',
      choices: ['trapezoid', 'left'],
      doc: 'The mean of the gradients at both ends of a step, or the gradient at its start as the authors do.',
    },
  ],
  unit: 'contribution',
  claims: ['completeness', 'sensitivity-a', 'dummy', 'implementation-invariance', 'non-decreasing-positivity'],
  reference: 'Kapishnikov et al. 2021, arXiv:2106.09788',
  async attribute(context) {
    const { outputAtInput, params, request, rows, target } = context;
    const anchors = params['anchors'] as number;
    const options: GuidedOptions = {
      steps: Math.max(1, Math.round(curveSteps(context.method, request.steps ?? DEFAULT_STEPS) / (anchors + 1))),
      fraction: params['fraction'] as number,
      maxDistance: params['maxDistance'] as number,
    };
    const path = await oneBaselinePaths(context, target.objective);
    const { paths } = path;
    const ends = await endsOf(context, path, outputAtInput);
    const walkers = Array.from({ length: rows }, (_, row) => walkerOf(paths, row));
    const moving = walkers.filter(({ row }) => !isStill(paths, row));
    const total = moving.length === 0 ? 0 : options.steps * (anchors + 1);
    for (let step = 0; step < total; step++) {
      if (step % options.steps === 0) {
        for (const walker of moving) startPart(walker, step / options.steps, anchors + 1);
      }
      await gradientsOf(context, paths, moving, (walker, gradient) => {
        if (step > 0 && params['panelRule'] === 'trapezoid') addHalf(walker, gradient);
        moveOn(walker, gradient, (step % options.steps) + 1, options);
        add(walker, gradient, params['panelRule'] === 'trapezoid' ? 0.5 : 1);
      });
      context.evaluation.onProgress?.({ phase: 'path', done: step + 1, total });
    }
    if (params['panelRule'] === 'trapezoid' && total > 0) await gradientsOf(context, paths, moving, addHalf);
    return contributionOutcome(
      context,
      paths,
      walkers.map(({ sums }) => sums),
      [...ends.from],
    );
  },
};

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
  /** The last step taken. */
  step: Float64Array;
  readonly sums: Float64Array;
}

function walkerOf(paths: StraightPaths, row: number): Walker {
  const first = pathEnd(paths, row, 'from');
  const last = pathEnd(paths, row, 'to');
  const zeros = (): Float64Array => new Float64Array(first.length);
  return { row, first, last, from: first, to: last, progress: zeros(), at: first, step: zeros(), sums: zeros() };
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

function gradientsOf(
  { evaluation }: Context,
  paths: StraightPaths,
  walkers: readonly Walker[],
  visit: (walker: Walker, gradient: ArrayLike<number>) => void,
): Promise<void> {
  const pointAt = (i: number) => ({ path: walkers[i].row, values: walkers[i].at });
  return evaluateFree(paths, walkers.length, pointAt, evaluation, (i, _, gradient) => visit(walkers[i], gradient));
}

function moveOn(walker: Walker, gradient: ArrayLike<number>, step: number, options: GuidedOptions): void {
  const { from, to, progress, at } = walker;
  const weights = to.map((end, i) => Math.abs(end - from[i]));
  guidedStep(progress, weights, gradient, step, options);
  walker.at = progress.map((t, i) => pointOnPath(from[i], to[i], t));
  walker.step = walker.at.map((value, i) => value - at[i]);
}

function add({ sums, step }: Walker, gradient: ArrayLike<number>, weight: number): void {
  for (let i = 0; i < sums.length; i++) sums[i] += weight * step[i] * gradient[i];
}

/** The share of a step that the gradient at its end has in the trapezoid. */
function addHalf(walker: Walker, gradient: ArrayLike<number>): void {
  add(walker, gradient, 0.5);
}
