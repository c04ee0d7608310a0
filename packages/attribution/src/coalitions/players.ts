import { argumentError, shapeError, sizeOf, toFloat64, type Players, type Shape, type Tensor } from '@pathwise/model';
import type { Context } from '../context.ts';
import type { AttributionRequest } from '../request.ts';
import { segmentMask } from '../segments/segmenter.ts';
import type { Source } from '../source.ts';

/** Who is switched on and off, over all attributed elements of a row one after another. */
export interface PlayerMap {
  readonly count: number;
  /** Player of each element, counted in ascending order of the ids; -1 always keeps its value. */
  readonly ofElement: Int32Array;
  /** Elements of each player. */
  readonly elements: readonly Int32Array[];
  readonly ids: readonly number[];
  readonly reported: Players;
}

/**
 * The players of a request: the groups of its mask; without one every element, and every position of token ids.
 * @throws PathwiseError BAD_ARGUMENT, BAD_SHAPE for a mask that does not fit
 */
export function playersOf({
  method,
  request,
  rows,
  sources,
}: Pick<Context, 'method' | 'request' | 'rows' | 'sources'>): PlayerMap {
  const masks = masksOf(request.featureMask, sources, rows);
  const given = sources.map((source, k) => (masks[k] === undefined ? null : idsOfMask(masks[k], source)));
  let next = 0;
  for (const own of given) for (const id of own ?? []) next = Math.max(next, id + 1);
  const perSource = sources.map((source, k) => {
    const own = given[k];
    if (own !== null && own !== undefined) return own;
    const units = unitShape(source);
    const ids = ofUnits(source, (unit) => next + unit);
    next += sizeOf(units);
    return ids;
  });
  const ids = [...new Set(perSource.flatMap((own) => [...new Set(own)]))].filter((id) => id >= 0).sort((a, b) => a - b);
  if (ids.length === 0) throw argumentError(method, 'featureMask', 'at least one id of 0 or more', 'only -1');
  const numbers = new Map(ids.map((id, player) => [id, player]));
  const ofElement = Int32Array.from(
    perSource.flatMap((own) => Array.from(own)),
    (id) => numbers.get(id) ?? -1,
  );
  const reported = {
    count: ids.length,
    ids: Object.fromEntries(
      sources.map(({ name, shape }, k): [string, Tensor] => [name, { dtype: 'int32', shape, data: perSource[k] }]),
    ),
  };
  return { count: ids.length, ofElement, elements: elementsOf(ofElement, ids.length), ids, reported };
}

/** What is switched where nothing else is asked: elements, or positions of token ids. */
export function unitShape({ ids, shape }: Source): Shape {
  return ids === null ? shape : ids.shape;
}

/** A value for each element, from that of its unit. */
function ofUnits(source: Source, value: (unit: number) => number): Int32Array {
  const inner = source.size / sizeOf(unitShape(source));
  return Int32Array.from({ length: source.size }, (_, element) => value(Math.floor(element / inner)));
}

function masksOf(
  mask: AttributionRequest['featureMask'],
  sources: readonly Source[],
  rows: number,
): readonly (Tensor | undefined)[] {
  if (mask === undefined) return [];
  if (typeof mask === 'string') return segmentAll(mask, sources, rows);
  if (isTensor(mask)) {
    if (sources.length === 1) return [mask];
    const names = sources.map(({ input }) => input).join(', ');
    throw argumentError('featureMask', 'several inputs', `a mask for each by name (${names})`, 'one mask');
  }
  const names = [...new Set(sources.flatMap(({ input, name }) => [input, name]))];
  const unknown = Object.keys(mask).find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw argumentError('featureMask', 'input name', `an attributed input (${names.join(', ')})`, unknown);
  }
  return sources.map(({ input, name }) => mask[input] ?? mask[name]);
}

/** Segments of all inputs, numbered on from one to the next. */
function segmentAll(segmenter: string, sources: readonly Source[], rows: number): Tensor[] {
  let next = 0;
  return sources.map((source) => {
    const mask = segmentMask(segmenter, source, rows);
    const labels = toFloat64(mask.data).map((label) => label + next);
    next = labels.reduce((most, label) => Math.max(most, label + 1), next);
    return { ...mask, data: Int32Array.from(labels) };
  });
}

function isTensor(mask: Tensor | Readonly<Record<string, Tensor>>): mask is Tensor {
  return Array.isArray(mask.shape) && 'data' in mask;
}

const LARGEST_ID = 2 ** 31 - 1;

/** Ids of a mask, broadcast to one row; of token ids also one a position. */
function idsOfMask(mask: Tensor, source: Source): Int32Array {
  const { shape, input } = source;
  const values = toFloat64(mask.data);
  const bad = values.find((v) => !Number.isInteger(v) || v < -1 || v > LARGEST_ID);
  if (bad !== undefined) {
    throw argumentError('featureMask', `"${input}"`, 'integers from -1 (never switched) to 2^31 - 1', bad);
  }
  const units = unitShape(source);
  const own = mask.shape[0] === 1 && mask.shape.length === shape.length + 1 ? mask.shape.slice(1) : mask.shape;
  const isPerToken =
    source.ids !== null && sizeOf(units) === values.length && [0, 1].includes(own.length - units.length);
  if (isPerToken) return ofUnits(source, (unit) => values[unit]);
  const lead = shape.length - own.length;
  if (lead < 0 || own.some((d, axis) => d !== 1 && d !== shape[lead + axis])) {
    const list = shape.join(',');
    throw shapeError('featureMask', input, `[${list}], [1,${list}], or one that broadcasts to a row`, mask.shape);
  }
  return Int32Array.from({ length: source.size }, (_, element) => {
    let at = 0;
    let stride = 1;
    let rest = element;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const index = rest % shape[axis];
      rest = Math.floor(rest / shape[axis]);
      const size = axis >= lead ? own[axis - lead] : 1;
      if (size !== 1) at += index * stride;
      stride *= size;
    }
    return values[at];
  });
}

function elementsOf(ofElement: Int32Array, count: number): Int32Array[] {
  const lists = Array.from({ length: count }, (): number[] => []);
  for (const [element, player] of ofElement.entries()) if (player >= 0) lists[player].push(element);
  return lists.map((list) => Int32Array.from(list));
}
