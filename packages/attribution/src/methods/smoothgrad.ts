import {
  argumentError,
  randomNormal,
  streams,
  toFloat64,
  type Feeds,
  type Tensor,
  type Warning,
} from '@pathwise/model';
import type { Context } from '../context.ts';
import { Moments } from '../evaluate/moments.ts';
import { evaluateEnds, tileSize } from '../evaluate/points.ts';
import { gatherRows } from '../evaluate/rows.ts';
import type { Method, Outcome } from '../method.ts';
import { splitRows } from '../outcome.ts';
import { featureCount } from '../path.ts';
import { gradient, gradientPaths } from './gradient.ts';
import { inputXGradient } from './input-x-gradient.ts';

const bases: Readonly<Record<string, Method>> = { gradient, 'input-x-gradient': inputXGradient };

/**
 * A method at noisy copies of the input, averaged: a_s = base(x + sigma z_s) with standard normal z_s, and of these the
 * mean, the mean square or the variance. All samples carry noise, the same for every row.
 *
 * @source Smilkov, Thorat, Kim, Viegas, Wattenberg 2017, arXiv:1706.03825 (mean); Hooker, Erhan, Kindermans, Kim 2018,
 *   arXiv:1806.10758 (mean square); Adebayo et al. 2018, arXiv:1810.03307 (variance)
 */
export const smoothgrad: Method = {
  id: 'smoothgrad',
  title: 'SmoothGrad',
  summary: 'The gradient averaged over noisy copies of the input, or its mean square or variance.',
  modalities: ['tabular', 'image', 'text', 'series', 'audio'],
  needs: ['gradient'],
  takes: { target: true, baseline: 'none', layer: false, neuron: false, quadrature: false },
  random: true,
  params: [
    {
      name: 'base',
      type: 'choice',
      default: 'gradient',
      choices: Object.keys(bases),
      doc: 'The method that is averaged.',
    },
    { name: 'samples', type: 'integer', default: 50, min: 1, doc: 'Noisy copies of a row.' },
    {
      name: 'noiseLevel',
      type: 'number',
      default: 0.15,
      min: 0,
      doc: "Standard deviation of the noise as a share of the range of the row's values, input by input.",
    },
    {
      name: 'sigma',
      type: 'numbers',
      default: [],
      min: 0,
      doc: 'Standard deviation in units of the input, instead of noiseLevel: one number, or one an attributed input.',
    },
    {
      name: 'statistic',
      type: 'choice',
      default: 'mean',
      choices: ['mean', 'mean-square', 'variance'],
      doc: 'What is taken of the samples; squares have no sign and variances are divided by the number of samples.',
    },
  ],
  unit: 'per-unit',
  claims: ['dummy', 'linearity', 'implementation-invariance'],
  reference: 'Smilkov et al. 2017, arXiv:1706.03825',
  async attribute(context) {
    const { evaluation, outputAtInput, params, rows, sources } = context;
    const samples = params['samples'] as number;
    const statistic = params['statistic'] as string;
    if (statistic === 'variance' && samples < 2) {
      throw argumentError(context.method, 'parameter samples', 'at least 2 for a variance', samples);
    }
    const base = bases[params['base'] as string];
    const sigmas = noiseScales(context);
    const paths = await gradientPaths(context);
    const size = featureCount(paths);
    const moments = Array.from({ length: rows }, () => new Moments(size));
    const deltas = new Array<number>(rows).fill(0);
    let baselines: readonly number[] | null = null;
    const together = Math.max(1, Math.floor(tileSize(paths, evaluation.maxBytes) / rows));
    for (let start = 0; start < samples; start += together) {
      const count = Math.min(together, samples - start);
      const outcome = await base.attribute(await noisyContext(context, sigmas, start, count, base !== gradient));
      for (const [i, vector] of vectorsOf(outcome, context, rows * count).entries()) {
        moments[i % rows].add(statistic === 'mean-square' ? vector.map((v) => v * v) : vector);
      }
      for (const [i, delta] of (outcome.convergenceDelta ?? []).entries()) deltas[i % rows] += delta / samples;
      baselines ??= outcome.outputAtBaseline?.slice(0, rows) ?? null;
      evaluation.onProgress?.({ phase: 'samples', done: start + count, total: samples });
    }
    const batched = (name: string): boolean => sources.find((source) => source.name === name)?.batched ?? true;
    const split = (vectors: readonly Float64Array[]) => splitRows(paths.moving, vectors, batched);
    const isMean = statistic === 'mean';
    const errors = isMean ? moments.flatMap((m) => m.standardErrors() ?? []) : [];
    return {
      attributions: split(moments.map((m) => (statistic === 'variance' ? m.variance() : m.mean))),
      unit: isMean ? base.unit : 'per-unit',
      outputAtInput,
      ...(isMean && baselines !== null ? { outputAtBaseline: baselines, convergenceDelta: deltas } : {}),
      ...(errors.length === rows ? { standardErrors: split(errors) } : {}),
      warnings: noNoise(sigmas, rows),
    };
  },
};

/** Standard deviations of the noise: [row][attributed input]. */
function noiseScales({ method, params, rows, sources }: Context): readonly (readonly number[])[] {
  const sigma = params['sigma'] as readonly number[];
  if (sigma.length > 1 && sigma.length !== sources.length) {
    const expected = `one number, or ${sources.length}: one an attributed input`;
    throw argumentError(method, 'parameter sigma', expected, [...sigma]);
  }
  return Array.from({ length: rows }, (_, row) =>
    sources.map(({ values, size }, tensor) => {
      if (sigma.length > 0) return sigma.length === 1 ? sigma[0] : sigma[tensor];
      const own = values.subarray(row * size, (row + 1) * size);
      const [low, high] = own.reduce(([l, h], v) => [Math.min(l, v), Math.max(h, v)], [Infinity, -Infinity]);
      return (params['noiseLevel'] as number) * (high - low);
    }),
  );
}

/** The context of `count` noisy copies of all rows, sample by sample from `start` on. */
async function noisyContext(
  context: Context,
  sigmas: readonly (readonly number[])[],
  start: number,
  count: number,
  withOutputs: boolean,
): Promise<Context> {
  const { inputs, rows, sources, target, request, evaluation } = context;
  const seed = request.seed ?? 0;
  const rowOf = Array.from({ length: rows * count }, (_, i) => i % rows);
  const repeat = (t: Tensor): Tensor => (t.shape[0] === 1 ? t : gatherRows(t, rowOf));
  const noisy = sources.map((source, tensor) => {
    const values = new Float64Array(rowOf.length * source.size);
    for (let s = 0; s < count; s++) {
      for (let element = 0; element < source.size; element++) {
        const z = randomNormal(seed, streams.noise, { sample: start + s, element, tensor });
        for (let row = 0; row < rows; row++) {
          const x = source.values[row * source.size + element];
          values[(s * rows + row) * source.size + element] = x + sigmas[row][tensor] * z;
        }
      }
    }
    return { ...source, values };
  });
  const objectiveRows = target.objective.rows;
  const objective = {
    ...target.objective,
    rows: objectiveRows.length === 1 ? objectiveRows : rowOf.map((row) => objectiveRows[row]),
  };
  const repeated: Feeds = Object.fromEntries(Object.entries(inputs).map(([name, t]) => [name, repeat(t)]));
  const expanded: Context = {
    ...context,
    rows: rowOf.length,
    sources: noisy,
    inputs: repeated,
    target: { ...target, objective },
    outputAtInput: rowOf.map((row) => context.outputAtInput[row]),
    evaluation: { maxBytes: evaluation.maxBytes, signal: evaluation.signal },
  };
  if (!withOutputs) return expanded;
  const { outputs } = await evaluateEnds(await gradientPaths(expanded), 1, evaluation);
  return { ...expanded, outputAtInput: [...outputs] };
}

/** All attributed tensors one after another, one vector a noisy copy. */
function vectorsOf({ attributions }: Outcome, { sources }: Context, count: number): Float64Array[] {
  const tensors = sources.map(({ name, size }) => ({ size, data: toFloat64(attributions[name].data) }));
  const length = tensors.reduce((sum, { size }) => sum + size, 0);
  return Array.from({ length: count }, (_, i) => {
    const out = new Float64Array(length);
    let at = 0;
    for (const { size, data } of tensors) {
      out.set(data.subarray(i * size, (i + 1) * size), at);
      at += size;
    }
    return out;
  });
}

function noNoise(sigmas: readonly (readonly number[])[], rows: number): Warning[] {
  const still = Array.from({ length: rows }, (_, row) => row).filter((row) => sigmas[row].every((s) => s === 0));
  if (still.length === 0) return [];
  const message = `there is no noise in row ${still.join(', ')}: its values are all the same, or the noise was set to 0`;
  return [{ code: 'no-noise', message }];
}
