import {
  PathwiseError,
  toFloat64,
  type Attribution,
  type DifferentiableModel,
  type Feeds,
  type InputInfo,
  type MovingTensor,
  type Objective,
  type Outputs,
  type PropagateResult,
  type Shape,
  type TargetOfRow,
  type Tensor,
} from '@pathwise/model';
import { attribute, needsLayer } from '../attribute.ts';
import type { Baseline } from '../baselines/baseline.ts';
import { forwardRows, prepare, type Context } from '../context.ts';
import { gatherRows } from '../evaluate/rows.ts';
import { inputPaths, outputsOf } from '../input-paths.ts';
import type { Method } from '../method.ts';
import { gradientsAtInput } from '../methods/gradient.ts';
import { neuronTarget } from '../neuron.ts';
import { resolveParams } from '../params.ts';
import type { AttributionRequest } from '../request.ts';
import { fixTarget } from '../target.ts';
import { FRONT_INPUT, frontModel, joinFeeds, splitFeeds, zTensor, type Front } from './front-model.ts';

/** A place to attribute at: a row's other inputs and target, a point and its baselines over all attributed elements. */
export interface Place {
  readonly row: number;
  readonly x: Float64Array;
  /** The baseline, or the first of a set. */
  readonly from: Float64Array;
  /** All baselines. */
  readonly set: readonly Float64Array[];
  readonly target?: TargetOfRow;
}

/** What an attribution at places gives. */
export interface Answer {
  /** One vector a place: all attributed tensors (or layers) one after another. */
  readonly vectors: readonly Float64Array[];
  readonly result: Attribution;
}

/** A model, a method and a request, made ready for attributions at other points, targets and models. */
export interface Subject {
  readonly method: Method;
  readonly request: AttributionRequest;
  readonly context: Context;
  /** x and x' of every row over all attributed elements. */
  readonly places: readonly Place[];
  /** Targets with every choice made. */
  readonly targets: readonly TargetOfRow[];
  /** Explains elements of the input, not of a layer. */
  readonly aboutInputs: boolean;
  /** Largest relative deviation that rounding may cause at fixed nodes. */
  readonly rounding: number;
  /** Attributes at places by fixed nodes, or as the request asks. */
  attributeAt(places: readonly Place[], nodes: 'fixed' | 'asked', model?: DifferentiableModel): Promise<Answer>;
  /** F at the points of places; of baselines their mean. */
  outputsAt(places: readonly Place[], point: 'x' | 'from'): Promise<number[]>;
  /** Of the baselines of a row; they sum to 1. */
  readonly weights: readonly number[];
  /** z -> F(front(z)) of one row, the mean over fronts, z of `size` elements; of another model that takes the same inputs too. */
  frontsOf(row: number, fronts: readonly Front[], size: number, other?: DifferentiableModel): DifferentiableModel;
  /** Attributes z -> F(front(z)) of one row by fixed nodes. */
  attributeFronts(
    row: number,
    fronts: readonly Front[],
    z: Float64Array,
    from: readonly Float64Array[],
    /** Slopes of a linear function that is added to F. */
    added?: Float64Array,
  ): Promise<Float64Array>;
  /** Several baselines a row: `from` is the first of them. */
  readonly hasSet: boolean;
  /** Where the straight path of a place crosses kinks; of piecewise-linear models. */
  breakpointsOf(place: Place, limit: number): Promise<Float64Array>;
  /** Gradients of F at points of one row. */
  gradientsAt(row: number, points: readonly Float64Array[]): Promise<Float64Array[]>;
}

/** Nodes of the rules that algebraic axioms are checked with. */
const FIXED_STEPS = 16;

export async function subjectOf(
  given: DifferentiableModel,
  method: Method,
  request: AttributionRequest,
  rounding: number,
): Promise<Subject> {
  const context = await prepare(method.id, given, request, resolveParams(method.id, method.params, request.params), {
    target: true,
    layer: needsLayer(method, request),
    sources: true,
    logits: method.fromLogits === true,
  });
  const { model, sources, inputs, rows } = context;
  const flat = attributedAsInputs(model, context);
  const { paths, baselines } = await inputPaths(context, context.target.objective);
  if (baselines.count > 1 && method.takes.baseline !== 'set') {
    const message = `${method.id} takes one baseline, not a set of ${baselines.count}`;
    throw new PathwiseError('BAD_ARGUMENT', message);
  }
  const names = sources.map(({ name }) => name);
  const ends = (end: 'from' | 'to') =>
    joinFeeds(
      Object.fromEntries(
        paths.moving.map(({ name, shape, ...t }): [string, Tensor] => [
          name,
          { dtype: 'float32', shape: [paths.count, ...shape], data: t[end] },
        ]),
      ),
      names,
      paths.count,
    );
  const [from, to] = [ends('from'), ends('to')];
  const places = Array.from({ length: rows }, (_, row) => ({
    row,
    x: to[row * baselines.count],
    from: from[row * baselines.count],
    set: from.slice(row * baselines.count, (row + 1) * baselines.count),
  }));
  const weightsOf = (count: number): number[] =>
    Array.from({ length: count }, (_, k) => (baselines.weights[k % baselines.count] * baselines.count) / count);
  /** Paths of blurred inputs need neighbours: of one tensor, what has an element for each of its is shaped alike. */
  const shapeOf = (size: number): Shape =>
    sources.length === 1 && sources[0].size === size ? sources[0].shape : [size];
  const others = Object.entries(inputs).filter(([name]) => !names.includes(name));
  const fixedOf = (chosen: readonly number[]): Feeds =>
    Object.fromEntries(others.map(([name, t]) => [name, t.shape[0] === 1 ? t : gatherRows(t, chosen)]));
  const output = await forwardRows(model, inputs, rows, [context.target.objective.tensor], context.evaluation);
  const targets = fixTarget(request.target ?? 'top1', output[context.target.objective.tensor]);
  const objective: Objective =
    method.takes.neuron === true ? neuronTarget(context).objective : context.target.objective;

  const attributeAt: Subject['attributeAt'] = async (at, nodes, second) => {
    const result = await attribute(second === undefined ? flat : attributedAsInputs(second, context), method, {
      ...withoutTarget(request),
      ...(nodes === 'fixed' || exactIsOut(request, at) ? fixedNodes(method, request) : {}),
      inputs: {
        ...fixedOf(at.map(({ row }) => row)),
        ...splitFeeds(
          sources,
          at.map(({ x }) => x),
        ),
      },
      target: { perRow: at.map(({ row, target }) => target ?? targets[row]) },
      ...(method.takes.baseline === 'none'
        ? {}
        : {
            baseline: { perInput: baselinesAt(sources, at, weightsOf) },
          }),
    });
    const { attributions } = result;
    return { result, vectors: joinFeeds(attributions, Object.keys(attributions), at.length) };
  };

  return {
    method,
    request,
    context,
    places,
    targets,
    aboutInputs: isAboutInputs(method, request) || method.takes.neuron !== false,
    rounding,
    hasSet: baselines.count > 1,
    weights: baselines.weights,
    frontsOf: (row, fronts, size, other = model) =>
      frontModel({ model: other, sources, fixed: fixedOf([row]), size, fronts }),
    attributeAt,
    async breakpointsOf({ row, x, from: start }, limit) {
      const request = {
        from: splitFeeds(sources, [start]),
        to: splitFeeds(sources, [x]),
        constants: fixedOf([row]),
        target: objective.tensor,
        limit,
      };
      const inside = await model.breakpoints?.(request, context.evaluation);
      if (inside === undefined) throw new PathwiseError('UNSUPPORTED_METHOD', 'the model gives no breakpoints');
      return inside;
    },
    async outputsAt(given, point) {
      const sizes = given.map(({ set }) => (point === 'x' ? 1 : set.length));
      const at = point === 'x' ? given : given.flatMap((place) => place.set.map((b) => ({ ...place, from: b })));
      const feeds = {
        ...fixedOf(at.map(({ row }) => row)),
        ...splitFeeds(
          sources,
          at.map((place) => place[point]),
        ),
      };
      const values = await forwardRows(model, feeds, at.length, [objective.tensor], context.evaluation);
      const chosen = at.map(({ row }) => objective.rows[objective.rows.length === 1 ? 0 : row]);
      const outputs = outputsOf({ tensor: objective.tensor, rows: chosen }, values[objective.tensor]);
      let next = 0;
      return sizes.map((size) => {
        const own = outputs.slice(next, (next += size));
        return own.reduce((sum, output, k) => sum + output * (size === 1 ? 1 : weightsOf(size)[k]), 0);
      });
    },
    gradientsAt(row, points) {
      const feeds = splitFeeds(sources, points);
      const moving = sources.map(({ name, shape, size }): MovingTensor => {
        const data = toFloat64(feeds[name].data);
        return { name, shape, size, from: data, to: data, differentiate: true };
      });
      const own = { tensor: objective.tensor, rows: [objective.rows[objective.rows.length === 1 ? 0 : row]] };
      const paths = { model, count: points.length, moving, fixed: fixedOf([row]), objective: own };
      return gradientsAtInput(paths, context.evaluation);
    },
    async attributeFronts(row, fronts, z, zFrom, added) {
      const scalar = { tensor: objective.tensor, row: objective.rows[objective.rows.length === 1 ? 0 : row] };
      const front = frontModel({
        model,
        sources,
        fixed: fixedOf([row]),
        size: z.length,
        shape: shapeOf(z.length),
        fronts,
        added,
        objective: scalar,
      });
      const { attributions } = await attribute(front, method, {
        ...withoutTarget(request),
        ...fixedNodes(method, request),
        inputs: { [FRONT_INPUT]: zTensor([z], shapeOf(z.length)) },
        target: targets[row],
        ...(method.takes.baseline === 'none'
          ? {}
          : { baseline: oneOrSet(zTensor(zFrom, shapeOf(z.length)), weightsOf) }),
      });
      return toFloat64(attributions[FRONT_INPUT].data);
    },
  };
}

/** The baselines of places by attributed tensor: one each, or a set each. */
function baselinesAt(
  sources: Context['sources'],
  at: readonly Place[],
  weightsOf: (count: number) => number[],
): Record<string, Baseline> {
  const [{ set: first }] = at;
  const all = splitFeeds(
    sources,
    at.flatMap(({ set }) => set),
  );
  if (first.length === 1) return all;
  return Object.fromEntries(
    Object.entries(all).map(([name, t]) => {
      const shape = [at.length, first.length, ...t.shape.slice(1)];
      return [name, { set: { ...t, shape }, perRow: true, weights: weightsOf(first.length) }];
    }),
  );
}

function oneOrSet(set: Tensor, weightsOf: (count: number) => number[]): Baseline {
  const count = set.shape[0];
  return count === 1 ? set : { set, weights: weightsOf(count) };
}

function isAboutInputs(method: Method, request: AttributionRequest): boolean {
  return method.takes.layer !== 'chosen' && method.perPixel !== true && !needsLayer(method, request);
}

/** A model whose attributed tensors (also embeddings) are inputs of its own. */
function attributedAsInputs(model: DifferentiableModel, { sources, inputs }: Context): DifferentiableModel {
  const names = new Set(sources.map(({ name }) => name));
  const own = sources.map(({ name, shape }): InputInfo => {
    return { name, dtype: 'float32', shape: ['rows', ...shape], batched: true, attributedAt: name };
  });
  const others = Object.entries(inputs).filter(([name]) => !names.has(name));
  const held = others.map(([name, t]): InputInfo => {
    return { name, dtype: t.dtype, shape: t.shape, batched: true, attributedAt: null };
  });
  return {
    engine: model.engine,
    inputs: [...own, ...held],
    outputs: model.outputs,
    counters: model.counters,
    bytesPerRow: (feeds) => model.bytesPerRow(feeds),
    supports: (...asked) => model.supports(...asked),
    forward: (...args) => model.forward(...args),
    outputTensor: (...args) => model.outputTensor(...args),
    gradient: (...args) => model.gradient(...args),
    pullback: (...args) => model.pullback(...args),
    structure: (feeds) => model.structure(feeds),
    ...(model.tangent === undefined
      ? {}
      : {
          tangent: (...args: Parameters<typeof model.tangent>) => model.tangent?.(...args) as Promise<Outputs>,
        }),
    ...(model.curvature === undefined
      ? {}
      : {
          curvature: (...args: Parameters<typeof model.curvature>) => model.curvature?.(...args) as Promise<Outputs>,
        }),
    ...(model.propagate === undefined
      ? {}
      : {
          propagate: (...args: Parameters<typeof model.propagate>) =>
            model.propagate?.(...args) as Promise<PropagateResult>,
        }),
    ...(model.breakpoints === undefined
      ? {}
      : {
          breakpoints: (...args: Parameters<typeof model.breakpoints>) =>
            model.breakpoints?.(...args) as Promise<Float64Array>,
        }),
    dispose: () => {},
  };
}

/** Breakpoints are not known of a target that a check made up. */
function exactIsOut({ exact = false }: AttributionRequest, places: readonly Place[]): boolean {
  return exact && places.some(({ target }) => target !== undefined);
}

function withoutTarget(request: AttributionRequest): Omit<AttributionRequest, 'inputs' | 'target' | 'baseline'> {
  const {
    target: _,
    baseline: __,
    inputs: ___,
    constants: ____,
    ranges: _____,
    onProgress: ______,
    featureMask: _______,
    onPartial: ________,
    ...rest
  } = request;
  return rest;
}

/** Samples are fixed where no tolerance ends them early. */
function fixedNodes({ takes, params }: Method, request: AttributionRequest): Partial<AttributionRequest> {
  if (params.some(({ name }) => name === 'tolerance')) return { params: { ...request.params, tolerance: 0 } };
  if (takes.quadrature === 'steps') return { steps: FIXED_STEPS };
  if (!takes.quadrature) return {};
  if (takes.quadrature === 'fixed') return { steps: FIXED_STEPS, quadrature: 'midpoint' };
  const none = { tolerance: undefined, exact: undefined, maxEvaluations: undefined, standardErrors: undefined };
  return { ...none, steps: FIXED_STEPS, quadrature: 'midpoint' };
}
