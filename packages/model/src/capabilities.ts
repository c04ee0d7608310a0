import type { Feeds, Outputs } from './feeds.ts';
import type { Objective } from './objective.ts';
import type { PathJob, PathSums } from './paths.ts';
import type { Propagation } from './propagation.ts';
import type { OutputScale } from './target.ts';
import type { DType } from './tensor.ts';

/**
 * Capabilities of a model object; a method lists those that it needs.
 * `predict`: forward. `gradient`: gradients with respect to inputs. `layers`: inner tensors can be read, fed and
 * differentiated. `tangent`: directional derivatives of inner tensors. `breakpoints`: the kinks of a straight path
 * (piecewise-linear graphs). `propagate`: relevance and multipliers by the rules of a {@link Propagation}.
 * `second-order`: how gradients change along a direction.
 */
export type Capability = 'predict' | 'gradient' | 'layers' | 'propagate' | 'tangent' | 'second-order' | 'breakpoints';

/** Why something cannot be done: the node and op in the way. */
export interface Blocker {
  readonly node: string;
  readonly op: string;
  readonly reason: string;
}

export type Support = { readonly ok: true } | { readonly ok: false; readonly missing: readonly Blocker[] };

/** A tensor's name, type and shape; symbolic sizes are strings. */
export interface TensorInfo {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly (number | string)[];
}

export interface InputInfo extends TensorInfo {
  /** The first axis counts independent examples (rows). Otherwise the whole tensor is one example. */
  readonly batched: boolean;
  /**
   * The tensor that attributions refer to: the input itself when it is a float; the output of the embedding lookup
   * for token ids; null when the input cannot be attributed (then it is a constant).
   */
  readonly attributedAt: string | null;
  /** The last axis holds channels or features, as in TensorFlow; otherwise the first of a row does. */
  readonly channelsLast?: boolean;
}

export interface RunOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface GradientRequest {
  readonly feeds: Feeds;
  readonly objective: Objective;
  /** Tensors (inputs or inner ones) to differentiate by. */
  readonly wrt: readonly string[];
  /** Further tensors whose values are returned. */
  readonly wanted?: readonly string[];
}

export interface GradientResult {
  /** F per row. */
  readonly values: Float64Array;
  /** dF/dt of each tensor t of `wrt`; shape [rows, ...t]. Zero where F does not depend on t. */
  readonly gradients: Outputs;
  /** Values of `wanted`. */
  readonly tensors: Outputs;
}

export interface PullbackRequest {
  readonly feeds: Feeds;
  /** Cotangents of inner tensors, shape [rows, ...t]. */
  readonly cotangents: Feeds;
  readonly wrt: readonly string[];
}

/** What `supports('propagate')` is asked about. */
export interface SupportRequest {
  readonly propagation: Propagation;
  readonly output?: string | undefined;
  readonly scale?: OutputScale | undefined;
}

export interface PropagateRequest {
  readonly feeds: Feeds;
  /** F must be a weighted sum of the output for relevance and DeepLIFT. */
  readonly objective: Objective;
  /** Tensors that relevance or multipliers are asked of. */
  readonly wrt: readonly string[];
  readonly propagation: Propagation;
  /** DeepLIFT: values of the tensors of `wrt` at the baseline, shape [rows, ...]. */
  readonly baseline?: Feeds;
}

export interface PropagateResult {
  /** F per row. */
  readonly values: Float64Array;
  /** F at the baseline per row; null without one. */
  readonly baselineValues: Float64Array | null;
  /** Relevance, gradient or multiplier of each tensor of `wrt`; shape [rows, ...]. */
  readonly propagated: Outputs;
  /** What was changed in the graph before the rules were applied, in words. */
  readonly canonizers: readonly string[];
  /** No node on the way had a rule other than the gradient's. */
  readonly isGradient: boolean;
}

/** Directional derivatives: J v for directions v of some tensors. */
export interface TangentRequest {
  readonly feeds: Feeds;
  /** Directions of inputs or inner tensors, shape [rows, ...t]; others do not move. */
  readonly tangents: Feeds;
  readonly wanted: readonly string[];
}

/** Products of the Hessian of F with directions of the tensors it is taken by. */
export interface CurvatureRequest {
  readonly feeds: Feeds;
  /** Of weighted sums of a tensor only. */
  readonly objective: Objective;
  /** Directions of inputs or inner tensors, shape [rows, ...t], also of inputs whose whole is one example. */
  readonly directions: Feeds;
}

/** Kinds of function along a straight path, from the ops between the moving tensors and the target. */
export type PathKind = 'affine' | 'piecewise-linear' | 'smooth' | 'mixed';

/** What is known of the graph for given input shapes. All questions are about one row. */
export interface Structure {
  /** Static type of a tensor for one row (first axis kept), or undefined when there is no such tensor. */
  tensor(name: string): { readonly dtype: DType; readonly shape: readonly number[] } | undefined;
  /** Names of all tensors, in the order they are computed. */
  readonly tensors: readonly string[];
  /** Does `target` depend on `from`? */
  reaches(from: string, target: string): boolean;
  /**
   * null when every path from the tensors `from` to `target` passes through exactly one tensor of `layer` (a cut);
   * otherwise one edge that goes around it, or joins two tensors of `layer`.
   */
  bypass(layer: readonly string[], from: readonly string[], target: string): { from: string; to: string } | null;
  /** The tensors at which the part that is affine in `moving` ends, on the way to `target`; [] when all of it is affine. */
  affineFrontier(moving: readonly string[], target: string): readonly string[];
  /** Kind of the target along a straight path of `moving`, with the nodes that stand in the way of `piecewise-linear`. */
  pathKind(
    moving: readonly string[],
    target: string,
  ): { readonly kind: PathKind; readonly blockers: readonly Blocker[] };
}

/** A straight path of one row: the tensors that move, their ends, and what stays. */
export interface BreakpointRequest {
  readonly from: Feeds;
  readonly to: Feeds;
  readonly constants: Feeds;
  readonly target: string;
  /** Give up above this many breakpoints. */
  readonly limit: number;
}

/** A model that can be evaluated. */
export interface Model {
  /** Id of the engine that computes. */
  readonly engine: string;
  readonly inputs: readonly InputInfo[];
  readonly outputs: readonly TensorInfo[];
  /** Rows evaluated so far; a gradient includes its forward. Pullbacks and tangents, through a part of the model, are not. */
  readonly counters: { readonly forward: number; readonly gradient: number };
  /** Bytes that evaluating one row of a gradient takes at its peak (an estimate), for byte budgets. */
  bytesPerRow(feeds: Feeds): number;
  /** With a request: whether every node on the way has a rule for it. */
  supports(capability: Capability, request?: SupportRequest): Support;
  /** Values of the tensors `wanted` (default: the outputs); shape [rows, ...]. */
  forward(feeds: Feeds, wanted?: readonly string[], options?: RunOptions): Promise<Outputs>;
  /**
   * The tensor that holds output `name` (default: the first) on the scale asked for; `note` says so when it was changed.
   * With a `scale` a model of symbolic sizes needs the feeds to know its graph.
   */
  outputTensor(name?: string, scale?: OutputScale, feeds?: Feeds): { readonly tensor: string; readonly note?: string };
  dispose(): void;
}

/** A model with gradients with respect to any of its tensors. */
export interface DifferentiableModel extends Model {
  gradient(request: GradientRequest, options?: RunOptions): Promise<GradientResult>;
  /**
   * The same along straight paths within the engine: interpolation, gradients and sums. null where it cannot take this
   * job; then {@link gradient} gives the same.
   * @throws PathwiseError NON_FINITE with the index of the point as `place.row`
   */
  integrate?(job: PathJob, options?: RunOptions): Promise<PathSums | null>;
  /** J^T c: cotangents of inner tensors pulled back to `wrt`. */
  pullback(request: PullbackRequest, options?: RunOptions): Promise<Outputs>;
  /** J v: how the tensors `wanted` change along a direction of others; shape [rows, ...]. Capability `tangent`. */
  tangent?(request: TangentRequest, options?: RunOptions): Promise<Outputs>;
  /** H v: how the gradients by the tensors of `directions` change along these together. Capability `second-order`. */
  curvature?(request: CurvatureRequest, options?: RunOptions): Promise<Outputs>;
  /** Relevance or multipliers, carried back by the rules of the request. Capability `propagate`. */
  propagate?(request: PropagateRequest, options?: RunOptions): Promise<PropagateResult>;
  structure(feeds: Feeds): Structure;
  /**
   * The places alpha in (0, 1), ascending, where a straight path crosses a kink.
   * @throws PathwiseError UNSUPPORTED_METHOD if the graph is not piecewise linear; LIMIT_EXCEEDED above the limit.
   */
  breakpoints?(request: BreakpointRequest, options?: RunOptions): Promise<Float64Array>;
}
