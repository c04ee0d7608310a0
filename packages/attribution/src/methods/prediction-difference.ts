import { sizeOf } from '@pathwise/model';
import { notFinite } from '../coalitions/game.ts';
import { evaluateInputs } from '../coalitions/mixed-inputs.ts';
import { splitElements } from '../coalitions/outcome.ts';
import { playersOf } from '../coalitions/players.ts';
import { windowParams } from '../coalitions/occlude.ts';
import { windowsOf, type Windows } from '../coalitions/windows.ts';
import type { Context } from '../context.ts';
import { inputPaths, type InputPaths } from '../input-paths.ts';
import type { Method, Outcome } from '../method.ts';
import { pathEnd } from '../path.ts';
import { conditionalReplacement } from '../replacement/conditional.ts';
import { marginalReplacement } from '../replacement/marginal.ts';
import { checkProbability, compare, quantityParams, type Comparison, type Quantity } from '../replacement/quantity.ts';
import type { Replacement } from '../replacement/replacement.ts';
import { coalitionMethod } from './occlusion.ts';

/**
 * What the target loses on average when a feature, or a window, is replaced by other values for it:
 * A = F(x) - mean of F(x with the feature replaced). Outputs are averaged first and compared after.
 *
 * @source Robnik-Sikonja, Kononenko 2008; windows and conditional sampling: Zintgraf, Cohen, Adel, Welling 2017,
 *   arXiv:1702.04595
 */
export const predictionDifference: Method = {
  ...coalitionMethod,
  id: 'prediction-difference',
  title: 'Prediction difference',
  summary: 'What the target loses on average when a feature, or a window, is replaced by values from other rows.',
  random: true,
  params: [
    ...windowParams.filter(({ name }) => name === 'window' || name === 'strides'),
    {
      name: 'sampling',
      type: 'choice',
      default: 'marginal',
      choices: ['marginal', 'conditional-gaussian'],
      doc: 'Values from rows of the set of baselines, or drawn from a normal distribution given what surrounds them.',
    },
    {
      name: 'samples',
      type: 'integer',
      default: 10,
      min: 1,
      doc: 'Values a feature or window; of a set of no more rows all are taken once.',
    },
    {
      name: 'padding',
      type: 'integer',
      default: 2,
      min: 0,
      doc: 'Pixels around a window that are known, conditional.',
    },
    ...quantityParams,
  ],
  claims: ['dummy', 'linearity', 'implementation-invariance', 'affine-scale-invariance'],
  reference: 'Robnik-Sikonja, Kononenko 2008; Zintgraf et al. 2017, arXiv:1702.04595',
  async attribute(context) {
    const { method, params, sources, request, target, structure } = context;
    const windowed = (params['window'] as readonly number[]).length > 0;
    const groups = windowed
      ? windowsOf(method, sources, { ...params, edges: 'cover' }, false)
      : playersOf(context).elements;
    const comparison: Comparison = {
      quantity: params['quantity'] as Quantity,
      trained: Number(params['laplace']),
      classes: sizeOf(structure.tensor(target.objective.tensor)?.shape.slice(1) ?? [1]),
    };
    for (const output of context.outputAtInput) checkProbability(method, comparison, output);
    const given = await inputPaths(context, target.objective);
    const [samples, seed] = [Number(params['samples']), request.seed ?? 0];
    const replacement =
      params['sampling'] === 'marginal'
        ? marginalReplacement(method, given, groups, samples, seed)
        : conditionalReplacement(method, sources, given, groups, {
            samples,
            seed,
            windowed,
            padding: Number(params['padding']),
          });
    const found = await compareGroups(context, given, groups, replacement, comparison);
    return windowed ? ofWindows(context, given, groups, found) : ofPlayers(context, given, found);
  },
};

interface Found {
  /** One list a row, one number a group. */
  readonly values: readonly Float64Array[];
  readonly errors: readonly Float64Array[] | null;
}

async function compareGroups(
  { method, evaluation, rows, outputAtInput }: Context,
  { paths, baselines }: InputPaths,
  groups: Windows,
  replacement: Replacement,
  comparison: Comparison,
): Promise<Found> {
  const { samples, weights } = replacement;
  const means = new Float64Array(groups.length * rows);
  const squares = new Float64Array(groups.length * rows);
  const each = rows * samples;
  const inputs = Array.from({ length: rows }, (_, row) => pathEnd(paths, row * baselines.count, 'to'));
  const placeOf = (i: number) => ({
    group: Math.floor(i / each),
    row: Math.floor(i / samples) % rows,
    sample: i % samples,
  });
  await evaluateInputs(paths, evaluation, {
    count: groups.length * each,
    pathOf: (i) => placeOf(i).row * baselines.count,
    fill(i, values) {
      const { group, row, sample } = placeOf(i);
      values.set(inputs[row]);
      replacement.replace(group, row, sample, values);
    },
    visit(i, output) {
      const { group, row, sample } = placeOf(i);
      if (!Number.isFinite(output)) throw notFinite({ method, paths }, output, row, `all but group ${group}`);
      const at = group * rows + row;
      const checked = checkProbability(method, comparison, output);
      // Equal weights where there is a standard error: Welford's update.
      const deviation = checked - (sample === 0 ? 0 : means[at] * (samples / sample));
      means[at] += weights[sample] * checked;
      if (sample > 0) squares[at] += (deviation * deviation * sample) / (sample + 1);
    },
    onDone: (points) =>
      evaluation.onProgress?.({ phase: 'groups', done: Math.floor(points / each), total: groups.length }),
  });
  const perRow = (of: (at: number, row: number) => number): Float64Array[] =>
    Array.from({ length: rows }, (_, row) => Float64Array.from(groups, (__, group) => of(group * rows + row, row)));
  const errorOf = (at: number): number => Math.sqrt(squares[at] / (samples - 1) / samples);
  const known = replacement.drawn && samples > 1;
  const comparedAt = (at: number, row: number) =>
    compare(outputAtInput[row], means[at], known ? errorOf(at) : 0, comparison);
  return {
    values: perRow((at, row) => comparedAt(at, row).value),
    errors: known ? perRow((at, row) => comparedAt(at, row).standardError) : null,
  };
}

/** Every element has the value of its player. */
function ofPlayers(context: Context, given: InputPaths, { values, errors }: Found): Outcome {
  const players = playersOf(context);
  const spread = (lists: readonly Float64Array[]) =>
    splitElements(
      context,
      given,
      lists.map((list) => Float64Array.from(players.ofElement, (player) => (player < 0 ? 0 : list[player]))),
    );
  return {
    ...named(context),
    attributions: spread(values),
    ...(errors === null ? {} : { standardErrors: spread(errors) }),
    players: players.reported,
    perPlayer: values.map((list) => Array.from(list)),
  };
}

/** Every element has the mean over the windows that hold it; windows are drawn independently of each other. */
function ofWindows(context: Context, given: InputPaths, groups: Windows, { values, errors }: Found): Outcome {
  const size = given.paths.moving.reduce((sum, t) => sum + t.size, 0);
  const counts = new Float64Array(size);
  for (const group of groups) for (const element of group) counts[element]++;
  const mean = (list: Float64Array, term: (v: number) => number, total: (sum: number) => number): Float64Array => {
    const sums = new Float64Array(size);
    for (const [k, group] of groups.entries()) for (const element of group) sums[element] += term(list[k]);
    return sums.map((sum, element) => total(sum) / counts[element]);
  };
  const spread = (lists: readonly Float64Array[]) => splitElements(context, given, lists);
  return {
    ...named(context),
    attributions: spread(
      values.map((list) =>
        mean(
          list,
          (v) => v,
          (sum) => sum,
        ),
      ),
    ),
    ...(errors === null ? {} : { standardErrors: spread(errors.map((list) => mean(list, (v) => v * v, Math.sqrt))) }),
  };
}

/** Log-odds and information are in bits, and say so. */
function named({ outputAtInput, params, target }: Context): Pick<Outcome, 'outputAtInput' | 'target'> {
  if (params['quantity'] === 'difference') return { outputAtInput };
  return { outputAtInput, target: target.descriptions.map((name) => `${String(params['quantity'])} of ${name}, bits`) };
}
