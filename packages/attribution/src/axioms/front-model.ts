import {
  toFloat64,
  type BreakpointRequest,
  type CurvatureRequest,
  type DifferentiableModel,
  type Feeds,
  type GradientRequest,
  type GradientResult,
  type Outputs,
  type PropagateRequest,
  type PropagateResult,
  type RowObjective,
  type RunOptions,
  type Shape,
  type Tensor,
} from '@pathwise/model';
import type { Source } from '../source.ts';

/** An affine map in front of a model, from `z` to its attributed tensors (one row, one after another). */
export interface Front {
  apply(z: Float64Array): Float64Array;
  /** The transposed Jacobian. */
  transpose(gradient: Float64Array): Float64Array;
}

export interface FrontOptions {
  readonly model: DifferentiableModel;
  readonly sources: readonly Pick<Source, 'name' | 'shape' | 'size'>[];
  /** Other inputs of the model, one row. */
  readonly fixed: Feeds;
  /** Elements of z. */
  readonly size: number;
  /** Of a row of z, where a front keeps elements at their places; default a list. */
  readonly shape?: Shape | undefined;
  /** The model is the mean over these fronts. */
  readonly fronts: readonly Front[];
  /** Slopes of a linear function of z that is added to F. Outputs show it where F is linear in them (`objective`). */
  readonly added?: Float64Array | undefined;
  readonly objective?: { readonly tensor: string; readonly row: RowObjective } | undefined;
}

/** The name of the input of a front model. */
export const FRONT_INPUT = 'z';

/**
 * The function z -> mean over fronts of F(front(z)) as a model of its own: the change of an input that an axiom
 * speaks of, made without touching the graph.
 */
export function frontModel(options: FrontOptions): DifferentiableModel {
  const { model, sources, fixed, size, shape = [size], fronts, added = new Float64Array(size) } = options;
  const names = sources.map(({ name }) => name);
  const feedsFor = (feeds: Feeds, front: Front): Feeds => {
    const z = feeds[FRONT_INPUT] as Tensor;
    const rows = z.shape[0] as number;
    const data = toFloat64(z.data);
    const points = Array.from({ length: rows }, (_, row) => front.apply(data.subarray(row * size, (row + 1) * size)));
    return { ...fixed, ...splitFeeds(sources, points) };
  };
  const sample = (): Feeds => feedsFor({ [FRONT_INPUT]: zTensor([new Float64Array(size)]) }, fronts[0]);

  return {
    engine: model.engine,
    inputs: [
      { name: FRONT_INPUT, dtype: 'float32', shape: ['rows', ...shape], batched: true, attributedAt: FRONT_INPUT },
    ],
    outputs: model.outputs,
    counters: model.counters,
    bytesPerRow: () => model.bytesPerRow(sample()),
    supports: (...asked) => model.supports(...asked),
    outputTensor: (name, scale) => model.outputTensor(name, scale, sample()),
    async forward(feeds: Feeds, wanted?: readonly string[], run?: RunOptions): Promise<Outputs> {
      const parts: Outputs[] = [];
      for (const front of fronts) parts.push(await model.forward(feedsFor(feeds, front), wanted, run));
      return addValues(meanOf(parts), feeds[FRONT_INPUT] as Tensor, options);
    },
    async gradient(request: GradientRequest, run?: RunOptions): Promise<GradientResult> {
      const { feeds, objective, wanted = [] } = request;
      const inner = request.wrt.filter((name) => name !== FRONT_INPUT);
      const parts: GradientResult[] = [];
      for (const front of fronts) {
        const wrt = [...new Set([...names, ...inner])];
        const own = await model.gradient({ feeds: feedsFor(feeds, front), objective, wrt, wanted }, run);
        const atInner = inner.map((name): [string, Tensor] => [name, own.gradients[name]]);
        const atInput = pullThrough(own.gradients, names, front, own.values.length);
        parts.push({ ...own, gradients: { ...Object.fromEntries(atInner), [FRONT_INPUT]: atInput } });
      }
      const values = parts[0].values.map((_, row) => mean(parts.map((part) => part.values[row])));
      return {
        values,
        gradients: addSlopes(meanOf(parts.map(({ gradients }) => gradients)), added),
        tensors: meanOf(parts.map(({ tensors }) => tensors)),
      };
    },
    ...(model.propagate === undefined
      ? {}
      : {
          propagate: (request: PropagateRequest, run?: RunOptions) => propagateThrough(options, feedsFor, request, run),
        }),
    async pullback({ feeds, cotangents }, run) {
      if (fronts.length > 1) throw new Error('a mean over fronts has no inner tensors to pull back from');
      const [front] = fronts;
      const pulled = await model.pullback({ feeds: feedsFor(feeds, front), cotangents, wrt: names }, run);
      return { [FRONT_INPUT]: pullThrough(pulled, names, front, (feeds[FRONT_INPUT] as Tensor).shape[0]) };
    },
    ...(model.curvature === undefined
      ? {}
      : { curvature: (request: CurvatureRequest, run?: RunOptions) => curveThrough(options, feedsFor, request, run) }),
    ...(model.breakpoints === undefined
      ? {}
      : {
          breakpoints: (request: BreakpointRequest, run?: RunOptions) =>
            breakpointsThrough(options, feedsFor, request, run),
        }),
    structure: () => {
      const inner = model.structure(sample());
      return {
        tensors: [FRONT_INPUT],
        tensor: (name) => (name === FRONT_INPUT ? { dtype: 'float32', shape: [1, ...shape] } : inner.tensor(name)),
        reaches: (_, target) => names.some((name) => inner.reaches(name, target)),
        bypass: () => null,
        affineFrontier: (moving) => moving,
        pathKind: (_, target) => inner.pathKind(names, target),
      };
    },
    dispose: () => {},
  };
}

/** Multipliers pass an affine map as gradients do. */
async function propagateThrough(
  { model, sources, fronts, size, added = new Float64Array(size) }: FrontOptions,
  feedsFor: (feeds: Feeds, front: Front) => Feeds,
  { feeds, baseline = {}, ...rest }: PropagateRequest,
  run?: RunOptions,
): Promise<PropagateResult> {
  const names = sources.map(({ name }) => name);
  const parts: PropagateResult[] = [];
  for (const front of fronts) {
    const at = feedsFor(feeds, front);
    const start = baseline[FRONT_INPUT] === undefined ? {} : feedsFor(baseline, front);
    const from = Object.fromEntries(names.flatMap((name) => (start[name] === undefined ? [] : [[name, start[name]]])));
    const request = { ...rest, feeds: at, wrt: names, baseline: from };
    const own = await (model.propagate as NonNullable<DifferentiableModel['propagate']>)(request, run);
    parts.push({ ...own, propagated: { [FRONT_INPUT]: pullThrough(own.propagated, names, front, own.values.length) } });
  }
  const [first] = parts as [PropagateResult];
  const meanAt = (of: (part: PropagateResult) => Float64Array): Float64Array =>
    of(first).map((_, row) => mean(parts.map((part) => of(part)[row])));
  return {
    ...first,
    values: meanAt(({ values }) => values),
    baselineValues: first.baselineValues && meanAt(({ baselineValues }) => baselineValues as Float64Array),
    propagated: addSlopes(meanOf(parts.map(({ propagated }) => propagated)), added),
  };
}

/** The Hessian of F(front(z)) is that of F between the front's Jacobian and its transpose. */
async function curveThrough(
  { model, sources, fronts, size }: FrontOptions,
  feedsFor: (feeds: Feeds, front: Front) => Feeds,
  { feeds, objective, directions }: CurvatureRequest,
  run?: RunOptions,
): Promise<Outputs> {
  const names = sources.map(({ name }) => name);
  const data = toFloat64((directions[FRONT_INPUT] as Tensor).data);
  const rows = data.length / size;
  const parts: Outputs[] = [];
  for (const front of fronts) {
    const origin = front.apply(new Float64Array(size));
    const along = Array.from({ length: rows }, (_, row) =>
      front.apply(data.subarray(row * size, (row + 1) * size)).map((value, i) => value - origin[i]),
    );
    const request = { feeds: feedsFor(feeds, front), objective, directions: splitFeeds(sources, along) };
    const own = await (model.curvature as NonNullable<DifferentiableModel['curvature']>)(request, run);
    parts.push({ [FRONT_INPUT]: pullThrough(own, names, front, rows) });
  }
  return meanOf(parts);
}

/** An affine map keeps straight paths straight: the kinks are those of all fronts. */
async function breakpointsThrough(
  { model, fronts, fixed }: FrontOptions,
  feedsFor: (feeds: Feeds, front: Front) => Feeds,
  { from, to, ...rest }: BreakpointRequest,
  run?: RunOptions,
): Promise<Float64Array> {
  const moving = (feeds: Feeds): Feeds =>
    Object.fromEntries(Object.entries(feeds).filter(([name]) => fixed[name] === undefined));
  const all = new Set<number>();
  for (const front of fronts) {
    const ends = { from: moving(feedsFor(from, front)), to: moving(feedsFor(to, front)) };
    const request = { ...rest, ...ends, constants: fixed };
    for (const u of await (model.breakpoints as NonNullable<DifferentiableModel['breakpoints']>)(request, run))
      all.add(u);
  }
  return Float64Array.from(all).sort();
}

/** Rows of z as a tensor. */
export function zTensor(rows: readonly Float64Array[], shape: Shape = [rows[0].length]): Tensor {
  return splitFeeds([{ name: FRONT_INPUT, shape, size: rows[0].length }], rows)[FRONT_INPUT];
}

/** Rows that hold all sources one after another, as one tensor a source. */
export function splitFeeds(
  sources: readonly Pick<Source, 'name' | 'shape' | 'size'>[],
  rows: readonly Float64Array[],
): Record<string, Tensor> {
  const feeds: Record<string, Tensor> = {};
  let offset = 0;
  for (const { name, shape, size } of sources) {
    const data = new Float64Array(rows.length * size);
    for (const [i, row] of rows.entries()) data.set(row.subarray(offset, offset + size), i * size);
    feeds[name] = { dtype: 'float32', shape: [rows.length, ...shape], data };
    offset += size;
  }
  return feeds;
}

/** One vector a row of all named tensors one after another. */
export function joinFeeds(
  feeds: Readonly<Record<string, Tensor>>,
  names: readonly string[],
  rows: number,
): Float64Array[] {
  const parts = names.map((name) => toFloat64(feeds[name].data));
  return Array.from({ length: rows }, (_, row) =>
    Float64Array.from(
      parts.flatMap((data) => {
        const size = data.length / rows;
        return Array.from(data.subarray(row * size, (row + 1) * size));
      }),
    ),
  );
}

function pullThrough(gradients: Outputs, names: readonly string[], front: Front, rows: number): Tensor {
  return zTensor(joinFeeds(gradients, names, rows).map((gradient) => front.transpose(gradient)));
}

function addSlopes({ [FRONT_INPUT]: z, ...inner }: Outputs, added: Float64Array): Outputs {
  return {
    ...inner,
    [FRONT_INPUT]: { ...(z as Tensor), data: toFloat64((z as Tensor).data).map((g, i) => g + added[i % added.length]) },
  };
}

/** Outputs changed along the weights w of F = w . y, by added . z / |w|^2 of them: F grows by added . z. */
function addValues(outputs: Outputs, z: Tensor, { added, objective }: FrontOptions): Outputs {
  if (added === undefined || objective?.row.kind !== 'linear') return outputs;
  const { tensor, row } = objective;
  const y = outputs[tensor];
  if (y === undefined) return outputs;
  const { weights } = row;
  const norm = weights.reduce((sum, w) => sum + w * w, 0);
  const points = toFloat64(z.data);
  const grown = toFloat64(y.data).map((value, i) => {
    const at = Math.floor(i / weights.length) * added.length;
    const more = added.reduce((sum, slope, k) => sum + slope * points[at + k], 0);
    return value + (weights[i % weights.length] * more) / norm;
  });
  return { ...outputs, [tensor]: { ...y, data: grown } };
}

function meanOf(parts: readonly Outputs[]): Outputs {
  const [first] = parts as [Outputs];
  if (parts.length === 1) return first;
  return Object.fromEntries(
    Object.entries(first).map(([name, t]): [string, Tensor] => {
      const data = parts.map((part) => toFloat64((part[name] as Tensor).data));
      return [name, { ...t, data: data[0].map((_, i) => mean(data.map((d) => d[i]))) }];
    }),
  );
}

function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}
