import { rowsOf, toFloat64, type Tensor } from '@pathwise/model';
import { membersOf } from '../coalitions/bits.ts';
import type { PlayerMap } from '../coalitions/players.ts';
import type { Context } from '../context.ts';
import type { Method } from '../method.ts';
import { resolveParams } from '../params.ts';
import type { StraightPaths } from '../path.ts';
import { generalParts, type AttributionRequest } from '../request.ts';

/** Copies of one row: of each the players that keep their values, and F there. */
export interface MaskedRows {
  readonly row: number;
  readonly masks: readonly number[];
  readonly outputs: readonly number[];
}

/**
 * What a method is asked, and knows, when it explains copies of one row with players at the baseline: the same target and
 * baseline for all of them.
 */
export function maskedContext(
  context: Context,
  method: Method,
  paths: StraightPaths,
  players: PlayerMap,
  { row, masks, outputs }: MaskedRows,
): Context {
  const count = masks.length;
  const { request, target } = context;
  const inputs: Record<string, Tensor> = {};
  for (const [name, t] of Object.entries(context.inputs)) {
    inputs[name] = t.shape[0] === 1 ? t : rowsOf(t, row, row + 1);
  }
  const baseline: Record<string, Tensor> = {};
  let offset = 0;
  const sources = context.sources.map((source, k) => {
    const { from, to, size } = paths.moving[k];
    const values = new Float64Array(count * size);
    for (const [copy, mask] of masks.entries()) {
      const present = new Uint8Array(players.count);
      for (const player of membersOf(mask)) present[player] = 1;
      for (let j = 0; j < size; j++) {
        const player = players.ofElement[offset + j];
        const kept = player < 0 || present[player] === 1;
        values[copy * size + j] = (kept ? to : from)[row * size + j];
      }
    }
    // Elements of no player are at the input always, so at the baseline too.
    const still = Float64Array.from(
      { length: size },
      (_, j) => (players.ofElement[offset + j] < 0 ? to : from)[row * size + j],
    );
    offset += size;
    inputs[source.name] = { dtype: 'float32', shape: [count, ...source.shape], data: values };
    baseline[source.input] = { dtype: 'float32', shape: [1, ...source.shape], data: still };
    return { ...source, values, ids: repeatIds(source.ids, row, count) };
  });
  const { rows: objectives, tensor } = target.objective;
  return {
    ...context,
    method: method.id,
    params: resolveParams(method.id, method.params),
    rows: count,
    sources,
    inputs,
    target: {
      objective: { tensor, rows: [objectives[objectives.length === 1 ? 0 : row]] },
      descriptions: new Array<string>(count).fill(target.descriptions[row]),
    },
    outputAtInput: outputs,
    evaluation: { ...context.evaluation, onProgress: undefined },
    request: askedOf(method, {
      ...request,
      inputs,
      baseline: { perInput: baseline },
      featureMask: players.reported.ids,
    }),
  };
}

function repeatIds(
  ids: Context['sources'][number]['ids'],
  row: number,
  count: number,
): Context['sources'][number]['ids'] {
  if (ids === null) return null;
  const size = ids.shape.reduce((a, b) => a * b, 1);
  const values = new Float64Array(count * size);
  for (let copy = 0; copy < count; copy++)
    values.set(toFloat64(ids.values.subarray(row * size, (row + 1) * size)), copy * size);
  return { ...ids, values };
}

/** Of the path methods, unless the request says how exact they are to be: quadrature is not what is measured. */
const TOLERANCE = 0.01;

/** The parts of a request that a method takes. */
function askedOf({ takes }: Method, request: AttributionRequest): AttributionRequest {
  const { baseline, featureMask, steps, quadrature, tolerance, exact, maxEvaluations } = request;
  const free = steps === undefined && exact === undefined && quadrature === undefined;
  return {
    ...generalParts(request),
    ...(takes.baseline === 'none' ? {} : { baseline }),
    ...(takes.featureMask === true ? { featureMask } : {}),
    ...(takes.quadrature === false ? {} : { steps }),
    ...(takes.quadrature === true
      ? { quadrature, exact, maxEvaluations, tolerance: tolerance ?? (free ? TOLERANCE : undefined) }
      : {}),
  };
}
