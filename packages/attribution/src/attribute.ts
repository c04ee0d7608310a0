import {
  argumentError,
  PathwiseError,
  throwIfAborted,
  toFloat64,
  type Attribution,
  type DifferentiableModel,
  type Tensor,
  type Warning,
} from '@pathwise/model';
import { prepare, type Context } from './context.ts';
import { l1 } from './evaluate/integral.ts';
import type { Method, Outcome } from './method.ts';
import { methodById } from './methods/all.ts';
import { resolveParams } from './params.ts';
import type { AttributionRequest } from './request.ts';
import { checkSupport, looksAtTarget } from './support.ts';

/**
 * Attributes the target of every row to features of the inputs, or of a layer, by the method asked for.
 *
 * @param model - any model with gradients
 * @param method - an id of `methods`, or a method of your own
 * @throws PathwiseError BAD_ARGUMENT for unknown names, values out of range and contradictions; UNSUPPORTED_METHOD if
 *   the model lacks a capability, naming op and reason, before anything is computed; NON_FINITE with the place on the
 *   path; CANCELLED
 */
export async function attribute(
  model: DifferentiableModel,
  method: string | Method,
  request: AttributionRequest,
): Promise<Attribution> {
  const chosen = typeof method === 'string' ? methodById(method) : method;
  checkTakes(chosen, request);
  const params = resolveParams(chosen.id, chosen.params, request.params);
  checkSupport(model, chosen, request);
  throwIfAborted(request.signal);
  const before = { ...model.counters };
  const context = await prepare(chosen.id, model, request, params, {
    target: chosen.takes.neuron !== true && looksAtTarget(chosen),
    output: chosen.evaluatesInput !== true,
    logits: chosen.fromLogits === true,
    layer: needsLayer(chosen, request),
    sources: chosen.takes.baseline !== 'none' || chosen.takes.layer !== true || chosen.takes.neuron !== false,
  });
  const outcome = await chosen.attribute(context);
  return finish(chosen, context, outcome, before);
}

/** The layers that the request names are wanted; an optional one may be missing. */
export function needsLayer({ takes }: Method, { layer }: AttributionRequest): boolean {
  return typeof takes.layer === 'string' ? layer !== undefined : takes.layer;
}

/** Parts of a request that only some methods understand. */
function checkTakes({ id, takes }: Method, request: AttributionRequest): void {
  const refuse = (name: keyof AttributionRequest, understood: boolean): void => {
    const value = request[name];
    if (value === undefined || value === false || understood) return;
    throw new PathwiseError('BAD_ARGUMENT', `${id} takes no ${name}. Leave it out, or choose another method`);
  };
  refuse('baseline', takes.baseline !== 'none');
  refuse('layer', takes.layer !== false);
  refuse('neuron', takes.neuron !== false);
  refuse('featureMask', takes.featureMask === true);
  refuse('steps', takes.quadrature !== false);
  refuse('quadrature', takes.quadrature === true || takes.quadrature === 'fixed');
  for (const name of ['tolerance', 'exact', 'maxEvaluations', 'standardErrors'] as const) {
    refuse(name, takes.quadrature === true);
  }
  const { seed } = request;
  if (seed !== undefined && !(Number.isSafeInteger(seed) && seed >= 0)) {
    throw argumentError(id, 'seed', 'an integer from 0 to 2^53 - 1', seed);
  }
}

function finish(
  method: Method,
  context: Context,
  outcome: Outcome,
  before: DifferentiableModel['counters'],
): Attribution {
  const { model, request, params } = context;
  const { attributions, outputAtBaseline = null, convergenceDelta = null, error = null } = outcome;
  checkFinite(method.id, attributions);
  const outputAtInput = [...outcome.outputAtInput];
  const change = outputAtBaseline?.map((output, row) => outputAtInput[row] - output) ?? null;
  const relativeDelta = change === null || convergenceDelta === null ? null : relative(convergenceDelta, change);
  const cancellation = change === null ? null : relative(l1PerRow(outcome, outputAtInput.length), change.map(Math.abs));
  const { counters } = model;
  return {
    method: method.id,
    params: { ...params, ...outcome.params },
    seed: method.random === true || usesSeed(request) ? (request.seed ?? 0) : null,
    engine: model.engine,
    attributions,
    unit: outcome.unit ?? method.unit,
    target: outcome.target ?? context.target.descriptions,
    outputAtInput,
    outputAtBaseline,
    convergenceDelta,
    relativeDelta,
    complete: outcome.complete ?? null,
    error,
    errorMet: outcome.errorMet ?? null,
    cancellation,
    evaluations: { forward: counters.forward - before.forward, gradient: counters.gradient - before.gradient },
    ...(outcome.standardErrors === undefined ? {} : { standardErrors: outcome.standardErrors }),
    ...(outcome.perBaseline === undefined ? {} : { perBaseline: outcome.perBaseline }),
    ...(outcome.players === undefined ? {} : { players: outcome.players }),
    ...(outcome.perPlayer === undefined ? {} : { perPlayer: outcome.perPlayer }),
    ...(outcome.exact === undefined ? {} : { exact: outcome.exact }),
    ...(outcome.canonizers === undefined ? {} : { canonizers: outcome.canonizers }),
    ...(outcome.curves === undefined ? {} : { curves: outcome.curves }),
    ...(outcome.interactions === undefined ? {} : { interactions: outcome.interactions }),
    ...(outcome.allocation === undefined ? {} : { allocation: outcome.allocation }),
    warnings: [...noteOf(context), ...(outcome.warnings ?? []), ...deltaWarnings(relativeDelta, cancellation)],
  };
}

/** value / |change|; 0 for 0 / 0; null for anything else over 0. */
function relative(values: readonly number[], change: readonly number[]): (number | null)[] {
  return values.map((value, row) => {
    if (change[row] === 0) return value === 0 ? 0 : null;
    return value / Math.abs(change[row]);
  });
}

/** Players count once each, however many elements they have. */
function l1PerRow({ attributions, perPlayer }: Outcome, rows: number): number[] {
  if (perPlayer !== undefined) return perPlayer.map(l1);
  const sums = new Array<number>(rows).fill(0);
  for (const { data } of Object.values(attributions)) {
    const values = toFloat64(data);
    const size = values.length / rows;
    for (const [i, value] of values.entries()) sums[Math.floor(i / size)] += Math.abs(value);
  }
  return sums;
}

function checkFinite(method: string, attributions: Readonly<Record<string, Tensor>>): void {
  for (const [name, { data }] of Object.entries(attributions)) {
    if (toFloat64(data).every(Number.isFinite)) continue;
    throw new PathwiseError('NON_FINITE', `${method}: an attribution of "${name}" is not finite`, { tensor: name });
  }
}

function usesSeed({ baseline }: AttributionRequest): boolean {
  const random = (b: unknown): boolean =>
    (typeof b === 'string' && /^(uniform|gaussian):/.test(b)) ||
    (typeof b === 'object' && b !== null && ('uniform' in b || 'gaussian' in b));
  if (typeof baseline === 'object' && 'perInput' in baseline) return Object.values(baseline.perInput).some(random);
  return random(baseline);
}

function noteOf({ note }: Context): Warning[] {
  return note === undefined ? [] : [{ code: 'output-scale', message: note }];
}

/** From here on a relative delta is worth explaining. */
const LARGE_DELTA = 0.05;
/** From here on |A|1 / |dF| explains it. */
const LARGE_CANCELLATION = 20;

function deltaWarnings(
  relativeDelta: readonly (number | null)[] | null,
  cancellation: readonly (number | null)[] | null,
): Warning[] {
  const warnings: Warning[] = [];
  const deltas = relativeDelta ?? [];
  const none = deltas.flatMap((value, row) => (value === null ? [row] : []));
  if (none.length > 0) {
    const message = `F(x) equals F(x') in row ${none.join(', ')}: the convergence delta has nothing to be relative to`;
    warnings.push({ code: 'no-output-change', message });
  }
  const cancelled = deltas.flatMap((value, row) => {
    const share = cancellation?.[row] ?? 0;
    return value !== null && Math.abs(value) > LARGE_DELTA && share > LARGE_CANCELLATION ? [row] : [];
  });
  if (cancelled.length > 0) {
    const shares = cancelled.map((row) => (cancellation?.[row] ?? 0).toPrecision(2)).join(', ');
    const message =
      `the attributions of row ${cancelled.join(', ')} nearly cancel: their absolute sum is ${shares} times ` +
      `F(x) - F(x'), so a large relative delta says little about them; look at the stated error`;
    warnings.push({ code: 'cancellation', message });
  }
  return warnings;
}
