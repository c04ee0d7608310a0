import { argumentError, isFloat, sameShape, shapeError, sizeOf, toFloat64, type Tensor } from '@pathwise/model';
import type { AttributionRequest } from '../request.ts';
import { channelIn, type Source } from '../source.ts';
import type { Baseline, PerInput } from './baseline.ts';
import { blurOfRow, declaredOrFoundRange, farthest, gaussianRow, meanOfRow, rowOf, uniformRow } from './named.ts';

/** Baselines of every attributed tensor: `count` of them a row, row by row. */
export interface Baselines {
  readonly count: number;
  /** Sum 1. */
  readonly weights: readonly number[];
  /** By attributed tensor: [rows * count * size]. */
  readonly values: Readonly<Record<string, Float64Array>>;
  readonly random: boolean;
}

/** Embeds token ids of an input, [n * tokens] in and one attributed row each out. */
export type Embed = (source: Source, ids: Float64Array) => Promise<Float64Array>;

/** Share of the range that is the default standard deviation of Gaussian baselines. */
const GAUSSIAN_SCALE = 0.15;

/**
 * The baselines of a request.
 * @throws PathwiseError BAD_ARGUMENT or BAD_SHAPE for what does not fit the inputs
 */
export async function resolveBaselines(
  request: AttributionRequest,
  sources: readonly Source[],
  rows: number,
  embed: Embed,
): Promise<Baselines> {
  const { baseline = 'zeros' } = request;
  if (isPerInput(baseline)) {
    const names = sources.flatMap(({ input, name }) => [input, name]);
    const unknown = Object.keys(baseline.perInput).find((name) => !names.includes(name));
    if (unknown !== undefined) {
      throw argumentError('baseline', 'input name', `an attributed input (${names.join(', ')})`, unknown);
    }
  }
  const parts = await Promise.all(
    sources.map((source, tensor) => resolveOne(baselineOf(baseline, source), { request, source, tensor, rows, embed })),
  );
  const count = parts.reduce((most, part) => Math.max(most, part.count), 1);
  const values: Record<string, Float64Array> = {};
  let weights: readonly number[] | undefined;
  for (const [i, part] of parts.entries()) {
    const { name, size } = sources[i];
    if (part.count !== count && part.count !== 1) {
      throw argumentError('baseline', `set of "${name}"`, `${count} baselines, as other inputs have`, part.count);
    }
    values[name] = part.count === count ? part.values : repeatRows(part.values, size, count);
    weights ??= part.weights;
  }
  return {
    count,
    weights: weights ?? new Array<number>(count).fill(1 / count),
    values,
    random: parts.some(({ random }) => random === true),
  };
}

interface Part {
  readonly count: number;
  readonly values: Float64Array;
  readonly weights?: readonly number[] | undefined;
  readonly random?: boolean;
}

interface Place {
  readonly request: AttributionRequest;
  readonly source: Source;
  readonly tensor: number;
  readonly rows: number;
  readonly embed: Embed;
}

function baselineOf(baseline: Baseline | PerInput, { input, name }: Source): Baseline {
  if (!isPerInput(baseline)) return baseline;
  return baseline.perInput[input] ?? baseline.perInput[name] ?? 'zeros';
}

function isPerInput(baseline: Baseline | PerInput): baseline is PerInput {
  return typeof baseline === 'object' && baseline !== null && 'perInput' in baseline;
}

async function resolveOne(baseline: Baseline, place: Place): Promise<Part> {
  if (typeof baseline === 'string') return named(baseline, place);
  const { source, rows, request, tensor } = place;
  if (typeof baseline === 'number') return everyRow(place, () => new Float64Array(source.size).fill(baseline));
  if (typeof baseline !== 'object' || baseline === null) {
    throw argumentError('baseline', 'baseline', 'a name, a number, a tensor or an object', String(baseline));
  }
  if ('perChannel' in baseline) return perChannel(baseline.perChannel, place);
  if ('id' in baseline) return tokens(place, baseline);
  if ('set' in baseline) return fromSet(baseline, place);
  const range = declaredOrFoundRange(source, request.ranges?.[source.input]);
  const seed = request.seed ?? 0;
  if ('blur' in baseline) {
    const sigma = positive('blur', baseline.blur);
    return everyRow(place, (row) => blurOfRow(source, row, sigma, baseline.border ?? 'reflect'));
  }
  if ('uniform' in baseline) {
    const count = wholeNumber('uniform', baseline.uniform);
    return draws(place, count, (row, sample) => uniformRow(source.size, range(row), { seed, sample, tensor }));
  }
  if ('gaussian' in baseline) {
    const { scale = GAUSSIAN_SCALE, clip = false } = baseline;
    return draws(place, wholeNumber('gaussian', baseline.gaussian), (row, sample) => {
      const [low, high] = range(row);
      return gaussianRow(rowOf(source, row), scale * (high - low), clip ? [low, high] : null, { seed, sample, tensor });
    });
  }
  if (!('shape' in baseline && 'data' in baseline)) {
    const expected =
      'a tensor { dtype, shape, data }, or one with perChannel, id, set, blur, uniform, gaussian or perInput';
    throw argumentError('baseline', 'object', expected, Object.keys(baseline).join() || '{}');
  }
  return { count: 1, values: await rowsOfTensor(baseline, place, rows) };
}

function named(name: string, place: Place): Promise<Part> | Part {
  const { source, request } = place;
  const [kind, amount = ''] = name.split(':');
  const given = name.includes(':');
  if (!given && kind === 'zeros') return everyRow(place, () => new Float64Array(source.size));
  if (!given && kind === 'mean') return everyRow(place, (row) => meanOfRow(source, row));
  if (!given && kind === 'max-distance') {
    const range = declaredOrFoundRange(source, request.ranges?.[source.input]);
    return everyRow(place, (row) => farthest(rowOf(source, row), range(row)));
  }
  if (amount !== '' && (kind === 'blur' || kind === 'uniform' || kind === 'gaussian')) {
    return resolveOne({ [kind]: Number(amount) } as unknown as Baseline, place);
  }
  throw argumentError(
    'baseline',
    'name',
    'zeros, mean, max-distance, blur:S, uniform:N or gaussian:N, a number, or a tensor',
    name,
  );
}

function perChannel(channels: readonly number[], place: Place): Part {
  const { input, shape, size, channelAxis } = place.source;
  if (shape[channelAxis] !== channels.length) {
    throw argumentError('baseline', `channels of "${input}"`, `${shape[channelAxis] ?? 0} numbers`, channels.length);
  }
  const channelOf = channelIn(place.source);
  return everyRow(place, () => Float64Array.from({ length: size }, (_, i) => channels[channelOf(i)]));
}

async function tokens(
  { source, embed }: Place,
  { id, keep = [] }: { readonly id: number; readonly keep?: readonly number[] },
): Promise<Part> {
  if (source.ids === null) throw argumentError('baseline', `"${source.input}"`, 'no id: it holds no token ids', id);
  return {
    count: 1,
    values: await embed(
      source,
      source.ids.values.map((own) => (keep.includes(own) ? own : id)),
    ),
  };
}

async function fromSet(
  {
    set,
    weights,
    perRow = false,
  }: { readonly set: Tensor; readonly weights?: readonly number[]; readonly perRow?: boolean },
  place: Place,
): Promise<Part> {
  const { source, rows } = place;
  const count = set.shape[perRow ? 1 : 0] ?? 0;
  if (count < 1 || (perRow && set.shape[0] !== rows)) {
    throw shapeError('baseline', source.input, `[${perRow ? `${rows},` : ''}m,...] with m >= 1`, set.shape);
  }
  if (weights !== undefined) {
    const sum = weights.reduce((a, b) => a + b, 0);
    if (weights.length !== count || Math.abs(sum - 1) > 1e-6) {
      throw argumentError('baseline', 'weights', `${count} numbers that sum to 1`, [...weights]);
    }
  }
  const flat = perRow ? { ...set, shape: [rows * count, ...set.shape.slice(2)] } : set;
  const values = await rowsOfTensor(flat, place, perRow ? rows * count : count);
  return { count, weights, values: perRow ? values : repeatAll(values, rows) };
}

/** A tensor's rows, `rows` of them; one row serves all. Integer tensors are token ids. */
async function rowsOfTensor(t: Tensor, { source, embed }: Place, rows: number): Promise<Float64Array> {
  const isIds = source.ids !== null && !isFloat(t.dtype);
  const shape = isIds && source.ids !== null ? source.ids.shape : source.shape;
  const fits = sameShape(t.shape, shape) || [1, rows].some((n) => sameShape(t.shape, [n, ...shape]));
  if (!fits) {
    const list = shape.join(',');
    throw shapeError('baseline', source.input, `[${list}], [1,${list}] or [${rows},${list}]`, t.shape);
  }
  const given = toFloat64(t.data);
  const ids = given.length === rows * sizeOf(shape) ? given : repeatAll(given, rows);
  return isIds ? embed(source, ids) : ids;
}

function everyRow({ rows, source }: Place, rowAt: (row: number) => Float64Array): Part {
  const values = new Float64Array(rows * source.size);
  for (let row = 0; row < rows; row++) values.set(rowAt(row), row * source.size);
  return { count: 1, values };
}

function draws({ rows, source }: Place, count: number, draw: (row: number, sample: number) => Float64Array): Part {
  const values = new Float64Array(rows * count * source.size);
  for (let row = 0; row < rows; row++) {
    for (let sample = 0; sample < count; sample++) values.set(draw(row, sample), (row * count + sample) * source.size);
  }
  return { count, values, random: true };
}

function repeatRows(values: Float64Array, size: number, times: number): Float64Array {
  const out = new Float64Array(values.length * times);
  for (let at = 0; at < values.length / size; at++) {
    for (let k = 0; k < times; k++) out.set(values.subarray(at * size, (at + 1) * size), (at * times + k) * size);
  }
  return out;
}

function repeatAll(values: Float64Array, times: number): Float64Array {
  const out = new Float64Array(values.length * times);
  for (let k = 0; k < times; k++) out.set(values, k * values.length);
  return out;
}

function positive(name: string, value: number): number {
  if (!(value > 0) || !Number.isFinite(value)) throw argumentError('baseline', name, 'a number above 0', value);
  return value;
}

function wholeNumber(name: string, value: number): number {
  if (!Number.isInteger(value) || value < 1)
    throw argumentError('baseline', `${name}:N`, 'an integer of at least 1', value);
  return value;
}
