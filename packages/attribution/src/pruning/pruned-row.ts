import {
  argumentError,
  PathwiseError,
  rowsOf,
  throwIfAborted,
  toFloat64,
  type Attribution,
  type DifferentiableModel,
  type Feeds,
  type Target,
  type Tensor,
} from '@pathwise/model';
import { attribute } from '../attribute.ts';
import { regionWeights } from '../region.ts';
import { generalParts, type AttributionRequest } from '../request.ts';
import { fixTarget } from '../target.ts';
import { sumsOf, type Sums } from './drops.ts';
import type { UnitScores } from './rankings.ts';
import type { PruneRequest } from './request.ts';

/** The rule of all maps and scores: panels of one length, the gradient in their middle. */
const RULE = 'midpoint' as const;

/** What is known of a row before anything is removed. */
export interface PrunedRow {
  readonly index: number;
  readonly request: AttributionRequest;
  /** Weights of the region. */
  readonly mask: Float64Array;
  readonly map: Attribution;
  readonly sums: Sums;
  readonly scores: UnitScores;
  /** What a removed unit becomes. */
  readonly replacement: Float64Array;
}

/** The map of every row and the scores of its units. */
export async function scoreRows(
  model: DifferentiableModel,
  request: PruneRequest,
  steps: number,
): Promise<PrunedRow[]> {
  const count = Math.max(1, ...Object.values(request.inputs).map(({ shape }) => shape[0] ?? 1));
  const rows: PrunedRow[] = [];
  for (let index = 0; index < count; index++) {
    throwIfAborted(request.signal);
    const own = await withFixedTarget(model, rowRequest(request, index, count));
    const map = await mapOf(model, own, steps);
    const mask = regionWeights(request.region, mapTensor(map).shape.slice(1));
    const scores = await scoresOf(model, own, { layer: request.layer, mask, steps });
    const replacement =
      request.ablate === 'baseline'
        ? await atBaseline(model, own, request.layer)
        : new Float64Array(scores.region.length);
    rows.push({ index, request: own, mask, map, sums: sumsOfMap(map, mask), scores, replacement });
    request.onProgress?.({ phase: 'scores', done: index + 1, total: count });
  }
  return rows;
}

/** Integrated gradients of one row. */
export function mapOf(model: DifferentiableModel, request: AttributionRequest, steps: number): Promise<Attribution> {
  return attribute(model, 'integrated-gradients', { ...request, steps, quadrature: RULE });
}

export function sumsOfMap(map: Attribution, mask: Float64Array): Sums {
  return sumsOf(mapTensor(map), mask, map.outputAtInput[0], map.outputAtBaseline?.[0] ?? 0);
}

async function scoresOf(
  model: DifferentiableModel,
  own: AttributionRequest,
  { layer, mask, steps }: { layer: string; mask: Float64Array; steps: number },
): Promise<UnitScores> {
  const { baseline: _, ...atInput } = own;
  const through = async (weights: Float64Array): Promise<Float64Array> => {
    const params = { region: [...weights] };
    return unitsOf(await attribute(model, 'layer-conductance', { ...own, steps, quadrature: RULE, layer, params }));
  };
  return {
    region: await through(mask),
    conductance: await through(new Float64Array(mask.length).fill(1)),
    gradientTimesActivation: unitsOf(await attribute(model, 'layer-gradient-x-activation', { ...atInput, layer })),
    activation: unitsOf(await attribute(model, 'layer-activation', { ...atInput, layer })),
  };
}

async function atBaseline(model: DifferentiableModel, own: AttributionRequest, layer: string): Promise<Float64Array> {
  const { baseline = 'zeros', constants = [], inputs, signal } = own;
  const value = baseline === 'zeros' ? 0 : baseline;
  const isTensor = typeof value === 'object' && 'data' in value;
  if (typeof value !== 'number' && !isTensor) {
    throw argumentError(
      'prune',
      'baseline',
      'zeros, a number or a tensor when units become what they are there',
      baseline,
    );
  }
  const feeds = Object.fromEntries(
    Object.entries(inputs).map(([name, feed]) => {
      if (constants.includes(name)) return [name, feed];
      return [name, isTensor ? value : { ...feed, data: toFloat64(feed.data).fill(value as number) }];
    }),
  );
  return toFloat64((await model.forward(feeds, [layer], { signal }))[layer]!.data);
}

function rowRequest(request: PruneRequest, index: number, count: number): AttributionRequest {
  const { inputs, baseline, target } = request;
  const own = (tensor: Tensor): Tensor => (tensor.shape[0] === count ? rowsOf(tensor, index, index + 1) : tensor);
  const feeds: Feeds = Object.fromEntries(Object.entries(inputs).map(([name, feed]) => [name, own(feed)]));
  const isTensor = typeof baseline === 'object' && 'data' in baseline;
  return {
    ...generalParts(request),
    inputs: feeds,
    baseline: isTensor ? own(baseline) : baseline,
    target: targetOfRow(target, index),
  };
}

/** What `top1` is at the input stays the target when units are gone and another class wins. */
async function withFixedTarget(model: DifferentiableModel, own: AttributionRequest): Promise<AttributionRequest> {
  const { inputs, target = 'top1', output = model.outputs[0]?.name ?? '', signal } = own;
  const outputs = await model.forward(inputs, [output], { signal });
  return { ...own, target: fixTarget(target, outputs[output] as Tensor)[0] };
}

function targetOfRow(target: Target | undefined, index: number): Target | undefined {
  if (typeof target !== 'object' || !('perRow' in target)) return target;
  const own = target.perRow[index];
  if (own !== undefined) return own;
  throw argumentError('prune', 'target', 'one target, or one a row', `${target.perRow.length} targets`);
}

function mapTensor({ attributions }: Attribution): Tensor {
  const [first, ...more] = Object.values(attributions);
  if (first !== undefined && more.length === 0) return first;
  throw new PathwiseError('BAD_ARGUMENT', 'prune: one input must be attributed. Make the others constants');
}

function unitsOf({ attributions }: Attribution): Float64Array {
  return toFloat64((Object.values(attributions)[0] as Tensor).data);
}
