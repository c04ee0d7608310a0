import {
  isFloat,
  PathwiseError,
  sizeOf,
  type BreakpointRequest,
  type Capability,
  type CurvatureRequest,
  type DifferentiableModel,
  type Feeds,
  type GradientRequest,
  type GradientResult,
  type InputInfo,
  type OutputScale,
  type Outputs,
  type PathJob,
  type PathSums,
  type PropagateRequest,
  type PropagateResult,
  type PullbackRequest,
  type RunOptions,
  type Shape,
  type Structure,
  type Support,
  type SupportRequest,
  type TangentRequest,
  type Tensor,
  type TensorInfo,
} from '@pathwise/model';
import { sourceOf, typeOf, type Engine, type Executable, type Graph, type GraphSource } from '@pathwise/graph';
import { propagatedGraph, type PropagatedGraph } from '../relevance/propagated-graph.ts';
import { breakpoints } from './breakpoints.ts';
import { forwardGraph, gradientGraph } from './derived-graphs.ts';
import { curvatureGraph } from './curvature-graph.ts';
import { tangentGraph } from './tangent-graph.ts';
import { attributedTensor } from './embedding.ts';
import { exampleGraph } from './example-graph.ts';
import { assertFinite } from './finite.ts';
import { namedGradients } from './named-gradients.ts';
import { countOutputRows, countRows, onlyInputs } from './feeds.ts';
import { evaluateObjective, isLinear, linearCotangent } from './objective.ts';
import { scaleOutput } from './output-scale.ts';
import { structureOf } from './structure.ts';
import { firstPath, pathNames } from './path-job.ts';
import { baselineFeeds, checkPropagation, nearZeroOf, propagationSupport } from './propagation-run.ts';

export interface GraphModelOptions {
  /** Bytes that the engine may use. */
  readonly maxBytes?: number;
  readonly workers?: number;
}

/**
 * A differentiable model of a graph (or of a model file whose graph depends on its input sizes) on any engine.
 * Every tensor of the graph can be read, fed and differentiated by.
 */
export function graphModel(
  model: Graph | GraphSource,
  engine: Engine,
  options: GraphModelOptions = {},
): DifferentiableModel {
  return new GraphModel('nodes' in model ? sourceOf(model) : model, engine, options);
}

/** Every activation is kept for the backward pass, which makes a cotangent of each. */
const FLOAT64_BYTES_PER_ELEMENT = 2 * 8;

/** A derived graph loaded on the engine. */
interface Loaded {
  readonly executable: Executable;
  readonly graph: Graph;
  readonly seeds: ReadonlyMap<string, string>;
  readonly gradients: ReadonlyMap<string, string | null>;
  /** What more is known of a backward pass by other rules. */
  readonly propagated?: PropagatedGraph;
}

/** The graph for one set of input shapes, and what was derived from it. */
interface Variant {
  graph: Graph;
  readonly loaded: Map<string, Promise<Loaded>>;
}

class GraphModel implements DifferentiableModel {
  readonly counters = { forward: 0, gradient: 0 };
  readonly #source: GraphSource;
  readonly #engine: Engine;
  readonly #options: GraphModelOptions;
  readonly #variants = new Map<string, Variant>();
  /** Scales asked for so far: the graph for every size gets their tensors. */
  readonly #scales = new Map<string, { output: string; scale: OutputScale }>();
  readonly #propagations = new Map<string, Support>();
  #inputs: readonly InputInfo[] | undefined;

  constructor(source: GraphSource, engine: Engine, options: GraphModelOptions) {
    this.#source = source;
    this.#engine = engine;
    this.#options = options;
  }

  get engine(): string {
    return this.#engine.id;
  }

  get inputs(): readonly InputInfo[] {
    this.#inputs ??= this.#source.inputs.map((input) => ({
      ...input,
      attributedAt: isFloat(input.dtype) ? input.name : this.#embeddingOf(input.name),
    }));
    return this.#inputs;
  }

  get outputs(): readonly TensorInfo[] {
    return this.#source.outputs;
  }

  supports(capability: Capability, request?: SupportRequest): Support {
    if (capability === 'propagate') return this.#propagationSupport(request);
    if (['predict', 'gradient', 'layers', 'tangent', 'second-order', 'breakpoints'].includes(capability))
      return { ok: true };
    return { ok: false, missing: [{ node: '', op: '', reason: `graph models do not offer "${capability}" yet` }] };
  }

  bytesPerRow(feeds: Feeds): number {
    let elements = 0;
    const { graph } = this.#variant(feeds);
    for (const node of graph.nodes)
      for (const output of node.outputs) if (output !== '') elements += sizeOf(typeOf(graph, output).shape);
    return (this.#engine.bytesPerElement ?? FLOAT64_BYTES_PER_ELEMENT) * elements;
  }

  async forward(feeds: Feeds, wanted?: readonly string[], options: RunOptions = {}): Promise<Outputs> {
    const names = wanted ?? this.outputs.map((output) => output.name);
    const variant = this.#variant(feeds);
    const fed = Object.keys(feeds);
    const loaded = await this.#load(variant, `forward|${fed.join()}|${names.join()}`, () => {
      const graph = forwardGraph(variant.graph, fed, names);
      return { graph, seeds: new Map(), gradients: new Map() };
    });
    const outputs = await loaded.executable.run(onlyInputs(feeds, loaded.graph), names, options);
    this.counters.forward += countOutputRows(outputs, variant.graph);
    return outputs;
  }

  async gradient(request: GradientRequest, options: RunOptions = {}): Promise<GradientResult> {
    const { feeds, objective, wrt, wanted = [] } = request;
    const variant = this.#variant(feeds);
    const rows = countRows(feeds, variant.graph);
    const loaded = await this.#loadGradient(variant, feeds, {
      targets: [objective.tensor],
      wrt,
      kept: [...new Set([objective.tensor, ...wanted])],
    });
    const cotangent = isLinear(objective)
      ? linearCotangent(objective, rows, typeOf(variant.graph, objective.tensor).shape)
      : evaluateObjective(
          objective,
          (await this.forward(feeds, [objective.tensor], options))[objective.tensor] as Tensor,
        ).cotangent;
    const outputs = await this.#run(
      loaded,
      feeds,
      { [objective.tensor]: cotangent },
      [objective.tensor, ...wanted],
      options,
    );
    this.counters.gradient += rows;
    const { values } = evaluateObjective(objective, outputs[objective.tensor] as Tensor);
    const gradients = namedGradients(loaded, variant.graph, outputs, rows);
    await assertFinite(loaded, feeds, { [objective.tensor]: cotangent }, values, gradients);
    return { values, gradients, tensors: Object.fromEntries(wanted.map((name) => [name, outputs[name] as Tensor])) };
  }

  async integrate(job: PathJob, options: RunOptions = {}): Promise<PathSums | null> {
    const { objective, moving } = job.paths;
    if (!isLinear(objective)) return null;
    const feeds = firstPath(job.paths);
    const loaded = await this.#loadGradient(this.#variant(feeds), feeds, {
      targets: [objective.tensor],
      wrt: moving.filter(({ differentiate }) => differentiate).map(({ name }) => name),
      kept: [objective.tensor],
    });
    const names = pathNames(objective.tensor, loaded);
    const sums = names === null ? null : ((await loaded.executable.integrate?.(job, names, options)) ?? null);
    if (sums !== null) this.counters.gradient += job.points.length;
    return sums;
  }

  async pullback({ feeds, cotangents, wrt }: PullbackRequest, options: RunOptions = {}): Promise<Outputs> {
    const variant = this.#variant(feeds);
    const rows = countRows(feeds, variant.graph);
    const loaded = await this.#loadGradient(variant, feeds, { targets: Object.keys(cotangents), wrt, kept: [] });
    const outputs = await this.#run(loaded, feeds, cotangents, [], options);
    return namedGradients(loaded, variant.graph, outputs, rows);
  }

  async propagate(request: PropagateRequest, options: RunOptions = {}): Promise<PropagateResult> {
    checkPropagation(request);
    const { feeds, objective, wrt, propagation, baseline } = request;
    const variant = this.#variant(feeds);
    const rows = countRows({ ...feeds, ...baseline }, variant.graph);
    const fed = Object.keys(feeds);
    const { tensor } = objective;
    const key = `propagate|${fed.join()}|${tensor}|${wrt.join()}|${JSON.stringify(propagation)}`;
    const loaded = await this.#load(variant, key, () => {
      const nearZero = nearZeroOf(this.#engine.id);
      const propagated = propagatedGraph(variant.graph, { fed, target: tensor, wrt, propagation, nearZero });
      return { ...propagated, propagated };
    });
    const derived = loaded.propagated as PropagatedGraph;
    const weights = isLinear(objective)
      ? linearCotangent(objective, rows, typeOf(variant.graph, tensor).shape)
      : evaluateObjective(objective, (await this.forward(feeds, [tensor], options))[tensor] as Tensor).cotangent;
    const all = { ...feeds, ...baselineFeeds(derived, baseline) };
    const { targetAtBaseline } = derived;
    const kept = targetAtBaseline === null ? [tensor] : [tensor, targetAtBaseline];
    const outputs = await this.#run(loaded, all, { [tensor]: weights }, kept, options);
    this.counters.gradient += rows;
    if (targetAtBaseline !== null) this.counters.forward += rows;
    const { values } = evaluateObjective(objective, outputs[tensor] as Tensor);
    const propagated = namedGradients(loaded, variant.graph, outputs, rows);
    await assertFinite(loaded, all, { [tensor]: weights }, values, propagated);
    const baselineValues =
      targetAtBaseline === null ? null : evaluateObjective(objective, outputs[targetAtBaseline] as Tensor).values;
    const { canonizers, isGradient } = derived;
    return { values, baselineValues, propagated, canonizers, isGradient };
  }

  async tangent({ feeds, tangents, wanted }: TangentRequest, options: RunOptions = {}): Promise<Outputs> {
    const variant = this.#variant(feeds);
    const rows = countRows(feeds, variant.graph);
    const [fed, from] = [Object.keys(feeds), Object.keys(tangents)];
    const loaded = await this.#load(variant, `tangent|${fed.join()}|${from.join()}|${wanted.join()}`, () => {
      const { graph, seeds, tangents: gradients } = tangentGraph(variant.graph, { fed, from, wanted });
      return { graph, seeds, gradients };
    });
    const moving = Object.fromEntries(
      from.filter((name) => loaded.seeds.has(name)).map((name) => [name, tangents[name]]),
    );
    const outputs = await this.#run(loaded, feeds, moving as Feeds, [], options);
    return namedGradients(loaded, variant.graph, outputs, rows);
  }

  async curvature({ feeds, objective, directions }: CurvatureRequest, options: RunOptions = {}): Promise<Outputs> {
    const { tensor } = objective;
    if (!isLinear(objective)) {
      throw new PathwiseError('UNSUPPORTED_METHOD', 'second derivatives of a target given as a function are not known');
    }
    const variant = this.#variant(feeds);
    const rows = countRows(feeds, variant.graph);
    const [fed, wrt] = [Object.keys(feeds), Object.keys(directions)];
    const loaded = await this.#load(variant, `curvature|${fed.join()}|${tensor}|${wrt.join()}`, () =>
      curvatureGraph(variant.graph, { fed, target: tensor, wrt }),
    );
    const cotangent = linearCotangent(objective, rows, typeOf(variant.graph, tensor).shape);
    const known = Object.entries({ ...directions, [tensor]: cotangent });
    const seeds = Object.fromEntries(known.filter(([name]) => loaded.seeds.has(name)));
    const outputs = await this.#run(loaded, feeds, seeds, [], options);
    this.counters.gradient += rows;
    return namedGradients(loaded, variant.graph, outputs, rows);
  }

  structure(feeds: Feeds): Structure {
    return structureOf(this.#variant(feeds).graph);
  }

  async breakpoints(request: BreakpointRequest, options: RunOptions = {}): Promise<Float64Array> {
    const { graph } = this.#variant({ ...request.constants, ...request.from });
    return breakpoints(graph, request, (feeds, wanted) => this.forward(feeds, wanted, options));
  }

  outputTensor(name?: string, scale?: OutputScale, feeds?: Feeds): { tensor: string; note?: string } {
    const output = name ?? this.outputs[0]?.name;
    const known = this.outputs.map((o) => o.name);
    if (output === undefined || !known.includes(output)) {
      throw new PathwiseError('BAD_ARGUMENT', `the model has no output "${output}"; its outputs: ${known.join(', ')}`);
    }
    if (scale === undefined) return { tensor: output };
    this.#scales.set(`${output}:${scale}`, { output, scale });
    const variant = feeds === undefined ? this.#anyVariant() : this.#variant(feeds);
    const { graph, tensor, note } = scaleOutput(variant.graph, output, scale);
    variant.graph = graph;
    return note === undefined ? { tensor } : { tensor, note };
  }

  dispose(): void {
    for (const { loaded } of this.#variants.values()) {
      for (const promise of loaded.values())
        void promise.then(
          ({ executable }) => executable.dispose(),
          () => {},
        );
    }
    this.#variants.clear();
  }

  /** The graph for the sizes of these feeds; a feed of an inner tensor says nothing about them. */
  #variant(feeds: Feeds): Variant {
    const shapes: Record<string, Shape> = {};
    for (const { name, batched, shape } of this.#source.inputs) {
      const given = feeds[name]?.shape ?? shape;
      const row = batched ? [1, ...given.slice(1)] : given;
      if (row.every((d) => typeof d === 'number')) shapes[name] = row;
    }
    const key = JSON.stringify(shapes);
    const known = this.#variants.get(key);
    if (known !== undefined) return known;
    let graph = this.#source.graph(shapes);
    for (const { output, scale } of this.#scales.values()) ({ graph } = scaleOutput(graph, output, scale));
    const variant = { graph, loaded: new Map() };
    this.#variants.set(key, variant);
    return variant;
  }

  #anyVariant(): Variant {
    const [first] = this.#variants.values();
    return first ?? this.#variant({});
  }

  #embeddingOf(input: string): string | null {
    const [known] = this.#variants.values();
    const graph = known?.graph ?? exampleGraph(this.#source);
    return graph?.types.has(input) === true ? attributedTensor(graph, input) : null;
  }

  /** Asked once for each kind of request: it takes a dry run of the rules. */
  #propagationSupport(request: SupportRequest | undefined): Support {
    const key = JSON.stringify(request ?? null);
    const known = this.#propagations.get(key) ?? this.#supportsPropagation(request);
    this.#propagations.set(key, known);
    return known;
  }

  /** Asks the rules at every node between the attributed tensors and the output. */
  #supportsPropagation(request: SupportRequest | undefined): Support {
    const [known] = this.#variants.values();
    const graph = known?.graph ?? exampleGraph(this.#source);
    const output = request?.output ?? this.outputs[0]?.name;
    if (request === undefined || graph === undefined || output === undefined) return { ok: true };
    const wrt = this.inputs.flatMap(({ attributedAt }) => attributedAt ?? []);
    return propagationSupport(graph, { ...request, output, wrt });
  }

  #load(variant: Variant, key: string, derive: () => Omit<Loaded, 'executable'>): Promise<Loaded> {
    let promise = variant.loaded.get(key);
    if (promise === undefined) {
      promise = this.#start(derive());
      variant.loaded.set(key, promise);
    }
    return promise;
  }

  async #start(derived: Omit<Loaded, 'executable'>): Promise<Loaded> {
    const support = this.#engine.supports(derived.graph);
    if (!support.ok) {
      const { node, op, reason } = support.missing[0] as { node: string; op: string; reason: string };
      throw new PathwiseError('UNSUPPORTED_OP', `engine "${this.#engine.id}": node "${node}" (${op}): ${reason}`, {
        node,
        op,
      });
    }
    return { ...derived, executable: await this.#engine.load(derived.graph, this.#options) };
  }

  #loadGradient(
    variant: Variant,
    feeds: Feeds,
    request: { targets: readonly string[]; wrt: readonly string[]; kept: readonly string[] },
  ): Promise<Loaded> {
    const fed = Object.keys(feeds);
    const key = `gradient|${fed.join()}|${request.targets.join()}|${request.wrt.join()}|${request.kept.join()}`;
    return this.#load(variant, key, () => gradientGraph(variant.graph, { fed, ...request }));
  }

  #run(
    loaded: Loaded,
    feeds: Feeds,
    cotangents: Feeds,
    kept: readonly string[],
    options: RunOptions,
  ): Promise<Outputs> {
    const seeds = Object.fromEntries(
      Object.entries(cotangents).map(([target, c]) => [loaded.seeds.get(target) as string, c]),
    );
    const wanted = [...new Set([...kept, ...[...loaded.gradients.values()].filter((name) => name !== null)])];
    return loaded.executable.run(onlyInputs({ ...feeds, ...seeds }, loaded.graph), wanted, options);
  }
}
