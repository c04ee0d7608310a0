import { argumentError, randomNormal, streams } from '@pathwise/model';
import type { Context } from '../context.ts';
import { independentDraw } from '../evaluate/baseline-draws.ts';
import { evaluateFree, outputsFree, type FreePoint } from '../evaluate/free-points.ts';
import { Moments } from '../evaluate/moments.ts';
import { endsOf } from '../input-paths.ts';
import type { Method } from '../method.ts';
import { sampledOutcome } from '../outcome.ts';
import { featureCount, pathEnd, pointOnPath } from '../path.ts';
import { baselineSetPaths } from './baseline-set.ts';

/**
 * Expected gradients with noise on the input: the mean over samples of (x~ - b) * dF/dx at (1 - alpha) b + alpha x~,
 * with x~ = x + normal noise, b a random baseline and alpha uniform. Noise and draws are the same for every row.
 *
 * @source Lundberg, Lee 2017, arXiv:1705.07874, for the idea; the estimator is that of Captum's GradientShap
 */
export const gradientShap: Method = {
  id: 'gradient-shap',
  title: 'Gradient SHAP',
  summary: 'What each feature contributed on average over a set of baselines, with noise on the input.',
  modalities: ['tabular', 'image', 'text', 'series', 'audio'],
  needs: ['gradient'],
  takes: { target: true, baseline: 'set', layer: false, neuron: false, quadrature: false },
  random: true,
  params: [
    { name: 'samples', type: 'integer', default: 50, min: 1, doc: 'Gradients a row.' },
    {
      name: 'stdev',
      type: 'numbers',
      default: [0],
      min: 0,
      fewest: 1,
      doc: 'Standard deviation of the noise in units of the input: one number, or one an attributed input.',
    },
  ],
  unit: 'contribution',
  claims: ['dummy', 'linearity', 'implementation-invariance'],
  reference: "Lundberg, Lee 2017, arXiv:1705.07874; Captum's estimator",
  async attribute(context) {
    const { evaluation, outputAtInput, params, request, rows, target } = context;
    const samples = params['samples'] as number;
    const sigmas = noiseScales(context, params['stdev'] as readonly number[]);
    const isNoisy = sigmas.some((sigma) => sigma > 0);
    const path = await baselineSetPaths(context, target.objective);
    const { paths, baselines } = path;
    const seed = request.seed ?? 0;
    const draws = Array.from({ length: samples }, (_, sample) => independentDraw(seed, baselines.count, sample));
    const pathOf = (i: number): number => Math.floor(i / samples) * baselines.count + draws[i % samples].baseline;
    const noisyAt = (i: number): FreePoint => {
      const values = pathEnd(paths, pathOf(i), 'to');
      if (isNoisy) addNoise(values, context, sigmas, i % samples);
      return { path: pathOf(i), values };
    };

    const ends = await endsOf(context, path, outputAtInput);
    const total = rows * samples;
    const atNoisy = isNoisy ? await outputsFree(paths, total, noisyAt, evaluation) : null;
    const size = featureCount(paths);
    const means = Array.from({ length: rows }, () => new Moments(size));
    const steps = new Map<number, Float64Array>();
    const pointAt = (i: number): FreePoint => {
      const { alpha } = draws[i % samples];
      const from = pathEnd(paths, pathOf(i), 'from');
      const to = noisyAt(i).values;
      steps.set(
        i,
        to.map((value, j) => value - from[j]),
      );
      return { path: pathOf(i), values: to.map((value, j) => pointOnPath(from[j], value, alpha)) };
    };
    await evaluateFree(paths, total, pointAt, evaluation, (i, _, gradient) => {
      const step = steps.get(i) as Float64Array;
      steps.delete(i);
      means[Math.floor(i / samples)].add(step.map((d, j) => d * gradient[j]));
      evaluation.onProgress?.({ phase: 'samples', done: i + 1, total });
    });
    const meanOver = (row: number, of: (i: number) => number): number =>
      draws.reduce((sum, _, s) => sum + of(row * samples + s), 0) / samples;
    const outputAtBaseline = outputAtInput.map((_, row) => meanOver(row, (i) => ends.from[pathOf(i)]));
    const changes = outputAtInput.map((output, row) =>
      atNoisy === null ? output - outputAtBaseline[row] : meanOver(row, (i) => atNoisy[i] - ends.from[pathOf(i)]),
    );
    return sampledOutcome(context, paths, means, { outputAtBaseline, changes });
  },
};

/** One scale an attributed input; a single number serves all. */
function noiseScales({ method, sources }: Context, given: readonly number[]): readonly number[] {
  if (given.length === 1) return sources.map(() => given[0]);
  if (given.length === sources.length) return given;
  throw argumentError(method, 'parameter stdev', `one number, or ${sources.length}: one an attributed input`, [
    ...given,
  ]);
}

/** Noise of one sample on all attributed tensors, one after another. */
function addNoise(
  values: Float64Array,
  { sources, request }: Context,
  sigmas: readonly number[],
  sample: number,
): void {
  let at = 0;
  for (const [tensor, { size }] of sources.entries()) {
    for (let element = 0; element < size; element++, at++) {
      values[at] += sigmas[tensor] * randomNormal(request.seed ?? 0, streams.noise, { sample, element, tensor });
    }
  }
}
