import { PathwiseError, type PathCurve, type Tensor } from '@pathwise/model';
import type { Context } from '../context.ts';
import { evaluatePoints } from '../evaluate/points.ts';
import { dot, type PathIntegral } from '../evaluate/integral.ts';
import { endsOf, inputPaths } from '../input-paths.ts';
import { DEFAULT_STEPS } from '../integration.ts';
import type { Method } from '../method.ts';
import { pathOutcome, splitRows } from '../outcome.ts';
import { displacement, featureCount, type StraightPaths } from '../path.ts';

/** A row is saturated when the gradient norm at the input is at most this share of the largest on the path. */
const SATURATED_NORM = 0.1;

/**
 * Gradients of counterfactuals along the straight path: F, the gradient's norm and the attributions accumulated over
 * [0, alpha] at every point, and where the change of F happens. The attributions are those of the whole path
 * (trapezoid of neighbouring gradients), so they are integrated gradients.
 *
 * @source Sundararajan, Taly, Yan 2016, Gradients of Counterfactuals, arXiv:1611.02639
 */
export const interiorGradients: Method = {
  id: 'interior-gradients',
  title: 'Interior gradients',
  summary: 'Where between the baseline and the input the target changes, and what each feature contributed there.',
  modalities: ['tabular', 'image', 'text', 'series', 'audio'],
  needs: ['gradient'],
  takes: { target: true, baseline: 'one', layer: false, neuron: false, quadrature: 'steps' },
  params: [
    {
      name: 'alphas',
      type: 'numbers',
      default: [],
      min: 0,
      max: 1,
      doc: 'Points of the curves, ascending from 0 to 1; without them steps + 1 equidistant ones.',
    },
    { name: 'keepGradients', type: 'boolean', default: false, doc: 'Return the gradient at every point.' },
  ],
  unit: 'contribution',
  claims: ['completeness', 'sensitivity-a', 'dummy', 'linearity', 'symmetry', 'implementation-invariance'],
  reference: 'Sundararajan, Taly, Yan 2016, arXiv:1611.02639',
  async attribute(context) {
    const { outputAtInput, target } = context;
    const alphas = curvePoints(context);
    const path = await inputPaths(context, target.objective);
    if (path.baselines.count > 1) {
      throw new PathwiseError('BAD_ARGUMENT', 'interior-gradients takes one baseline: a curve belongs to one path');
    }
    const ends = await endsOf(context, path, outputAtInput);
    const curves: PathCurve[] = [];
    const gradients: Float64Array[] = [];
    for (let row = 0; row < context.rows; row++) {
      const { curve, mean } = await curveOf(context, path.paths, row, alphas);
      curves.push(curve);
      gradients.push(mean);
    }
    const largestChange = curves.map(({ outputs }) => largestGap(outputs));
    const integral: PathIntegral = { gradients, errors: null, met: null, largestChange, warnings: [] };
    const outcome = pathOutcome(context, path, ends, integral, { multiply: true, exact: false, outputAtInput });
    return { ...outcome, curves };
  },
};

function curvePoints({ params, request }: Context): readonly number[] {
  const given = params['alphas'] as readonly number[];
  const { steps = DEFAULT_STEPS } = request;
  if (given.length === 0) {
    if (!Number.isInteger(steps) || steps < 1) {
      throw new PathwiseError(
        'BAD_ARGUMENT',
        `interior-gradients: steps must be an integer of at least 1, got ${steps}`,
      );
    }
    return Array.from({ length: steps + 1 }, (_, k) => k / steps);
  }
  if (request.steps !== undefined) {
    throw new PathwiseError('BAD_ARGUMENT', 'interior-gradients: alphas and steps exclude each other');
  }
  const ascending = given.every((alpha, k) => k === 0 || alpha > given[k - 1]);
  if (given.length < 2 || !ascending || given[0] !== 0 || given.at(-1) !== 1) {
    throw new PathwiseError(
      'BAD_ARGUMENT',
      `interior-gradients: alphas must ascend from 0 to 1, got ${given.join(',')}`,
    );
  }
  return given;
}

async function curveOf(
  { evaluation, params, sources }: Context,
  paths: StraightPaths,
  row: number,
  alphas: readonly number[],
): Promise<{ curve: PathCurve; mean: Float64Array }> {
  const delta = displacement(paths, row);
  const mean = new Float64Array(featureCount(paths));
  const kept: Float64Array[] = [];
  const [outputs, gradientNorms, cumulative]: [number[], number[], number[]] = [[], [], []];
  let previous: Float64Array | null = null;
  let sum = 0;
  await evaluatePoints(
    paths,
    alphas.map((alpha) => ({ path: row, alpha })),
    evaluation,
    (k, output, vector) => {
      const gradient = Float64Array.from(vector);
      outputs.push(output);
      gradientNorms.push(Math.sqrt(dot(gradient, gradient)));
      if (previous !== null) {
        const half = (alphas[k] - alphas[k - 1]) / 2;
        for (let i = 0; i < mean.length; i++) mean[i] += half * (previous[i] + gradient[i]);
        sum += half * (dot(previous, delta) + dot(gradient, delta));
      }
      cumulative.push(sum);
      previous = gradient;
      if (params['keepGradients'] === true) kept.push(gradient);
      evaluation.onProgress?.({ phase: 'path', done: row * alphas.length + k + 1, total: paths.count * alphas.length });
    },
  );
  const largest = gradientNorms.reduce((a, b) => Math.max(a, b), 0);
  const batchedAlways = (name: string): boolean => sources.some((source) => source.name === name);
  const gradients: Record<string, Tensor> = splitRows(paths.moving, kept, batchedAlways);
  return {
    mean,
    curve: {
      alphas: [...alphas],
      outputs,
      ...(params['keepGradients'] === true ? { gradients } : {}),
      gradientNorms,
      cumulative,
      halfChangeAlpha: halfChange(alphas, outputs),
      saturated: (gradientNorms.at(-1) as number) <= SATURATED_NORM * largest,
    },
  };
}

/** Smallest alpha with |F - F(x')| >= half of |F(x) - F(x')|, linear between points; null without a change. */
function halfChange(alphas: readonly number[], outputs: readonly number[]): number | null {
  const [start] = outputs as [number];
  const half = Math.abs((outputs.at(-1) as number) - start) / 2;
  if (half === 0) return null;
  const change = outputs.map((output) => Math.abs(output - start));
  const k = change.findIndex((c) => c >= half);
  if (k <= 0) return alphas[0];
  const share = (half - change[k - 1]) / (change[k] - change[k - 1]);
  return alphas[k - 1] + share * (alphas[k] - alphas[k - 1]);
}

function largestGap(outputs: readonly number[]): number {
  return outputs.slice(1).reduce((largest, output, k) => Math.max(largest, Math.abs(output - outputs[k])), 0);
}
