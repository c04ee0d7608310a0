import type { Warning } from '@pathwise/model';
import type { Context } from '../context.ts';
import { independentDraw, stratifiedDraws, type Draw } from '../evaluate/baseline-draws.ts';
import { Moments } from '../evaluate/moments.ts';
import { evaluatePoints } from '../evaluate/points.ts';
import { endsOf } from '../input-paths.ts';
import type { Method } from '../method.ts';
import { sampledOutcome } from '../outcome.ts';
import { displacement, featureCount } from '../path.ts';
import { baselineSetPaths } from './baseline-set.ts';

/**
 * Integrated gradients averaged over a set of baselines, estimated from random points on the paths:
 * A_i = mean over baselines b and alpha in (0, 1) of (x_i - b_i) dF/dx_i at (1 - alpha) b + alpha x.
 *
 * Stratified draws (ours) spread the points over the paths of all baselines; standard errors then come from independent
 * replicates of the whole design. Every row uses the same draws.
 *
 * @source Erion, Janizek, Sturmfels, Lundberg, Lee 2019, arXiv:1906.10670
 */
export const expectedGradients: Method = {
  id: 'expected-gradients',
  title: 'Expected gradients',
  summary: 'What each feature contributed on average over a set of baselines, from random points on the paths.',
  modalities: ['tabular', 'image', 'text', 'series', 'audio'],
  needs: ['gradient'],
  takes: { target: true, baseline: 'set', layer: false, neuron: false, quadrature: false },
  random: true,
  params: [
    {
      name: 'samples',
      type: 'integer',
      default: 200,
      min: 2,
      doc: 'Gradients a row; stratified sampling rounds up to whole replicates.',
    },
    {
      name: 'sampling',
      type: 'choice',
      default: 'stratified',
      choices: ['stratified', 'iid'],
      doc: 'Points spread over the paths of all baselines, or drawn independently.',
    },
    {
      name: 'replicates',
      type: 'integer',
      default: 4,
      min: 1,
      doc: 'Independent stratified designs, for standard errors; with 1 there are none.',
    },
  ],
  unit: 'contribution',
  claims: ['dummy', 'linearity', 'implementation-invariance', 'affine-scale-invariance', 'non-decreasing-positivity'],
  reference: 'Erion et al. 2019, arXiv:1906.10670',
  async attribute(context) {
    const { evaluation, outputAtInput, rows, target } = context;
    const path = await baselineSetPaths(context, target.objective);
    const { paths, baselines } = path;
    const { draws, perGroup, params, warnings } = planOf(context, baselines.count);
    const ends = await endsOf(context, path, outputAtInput);
    const size = featureCount(paths);
    const means = Array.from({ length: rows }, () => new Moments(size));
    let group = new Moments(size);
    const points = Array.from({ length: rows }, (_, row) =>
      draws.map(({ baseline, alpha }) => ({ path: row * baselines.count + baseline, alpha })),
    ).flat();
    await evaluatePoints(paths, points, evaluation, (i, _, gradient) => {
      const delta = displacement(paths, points[i].path);
      group.add(delta.map((d, j) => d * gradient[j]));
      if ((i + 1) % perGroup === 0) {
        means[Math.floor(i / draws.length)].add(group.mean);
        group = new Moments(size);
      }
      evaluation.onProgress?.({ phase: 'samples', done: i + 1, total: points.length });
    });
    const outputAtBaseline = outputAtInput.map((_, row) => {
      const own = ends.from.subarray(row * baselines.count, (row + 1) * baselines.count);
      return own.reduce((sum, output) => sum + output, 0) / baselines.count;
    });
    const changes = outputAtInput.map((output, row) => output - outputAtBaseline[row]);
    return { ...sampledOutcome(context, paths, means, { outputAtBaseline, changes }), params, warnings };
  },
};

/** Samples of a row in order; `perGroup` of them at a time are one independent estimate. */
interface Plan {
  readonly draws: readonly Draw[];
  readonly perGroup: number;
  /** What was done, where it is not what was asked for. */
  readonly params: Readonly<Record<string, number | string>>;
  readonly warnings: readonly Warning[];
}

function planOf({ params, request }: Context, count: number): Plan {
  const seed = request.seed ?? 0;
  const samples = params['samples'] as number;
  const replicates = params['replicates'] as number;
  const stratified = params['sampling'] === 'stratified';
  const tooFew = replicates * count > 2 * samples;
  if (!stratified || tooFew) {
    const draws = Array.from({ length: samples }, (_, sample) => independentDraw(seed, count, sample));
    const message =
      `${samples} samples are too few to spread over ${replicates} replicates of ${count} baselines: drawn ` +
      'independently. Raise samples, or lower replicates';
    const warnings = stratified ? [{ code: 'not-stratified', message }] : [];
    return { draws, perGroup: 1, params: { sampling: 'iid' }, warnings };
  }
  const size = Math.ceil(samples / (replicates * count)) * count;
  const draws = Array.from({ length: replicates }, (_, r) => stratifiedDraws(seed, count, size, r * size)).flat();
  return { draws, perGroup: size, params: { samples: draws.length }, warnings: [] };
}
