import type { Allocation } from './allocation.ts';
import type { Interactions } from './interactions.ts';
import type { Tensor } from './tensor.ts';

export type ParamValue = number | boolean | string | readonly number[] | readonly string[];
export type Params = Readonly<Record<string, ParamValue>>;

export interface Warning {
  readonly code: string;
  readonly message: string;
}

/**
 * Who a coalition method switches: `ids` has the shape of one row, equal ids are one player, -1 is never switched.
 * Players are listed in ascending order of their ids.
 */
export interface Players {
  readonly count: number;
  readonly ids: Readonly<Record<string, Tensor>>;
}

/** The result of every method, always of this form. Arrays have one entry a row of the batch. */
export interface Attribution {
  readonly method: string;
  readonly params: Params;
  readonly seed: number | null;
  readonly engine: string;
  /** By attributed tensor: its shape, batch axis kept, float32. */
  readonly attributions: Readonly<Record<string, Tensor>>;
  /** `contribution`: in units of the output. `per-unit`: output units per input unit. */
  readonly unit: 'contribution' | 'per-unit';
  /** In words, for example `logits[3]`. */
  readonly target: readonly string[];
  readonly outputAtInput: readonly number[];
  readonly outputAtBaseline: readonly number[] | null;
  /** Sum of the attributions - (F(x) - F(x')), signed, output units. */
  readonly convergenceDelta: readonly number[] | null;
  /** convergenceDelta / |F(x) - F(x')|; null where the denominator is 0 and the delta is not. */
  readonly relativeDelta: readonly (number | null)[] | null;
  /** false: the layer is no cut, so the sum need not be F(x) - F(x'). */
  readonly complete: boolean | null;
  /** Stated relative L1 error over the features of a row. */
  readonly error: readonly number[] | null;
  readonly errorMet: readonly boolean[] | null;
  /** |A|1 / |F(x) - F(x')|. */
  readonly cancellation: readonly (number | null)[] | null;
  /** Model rows evaluated; a gradient includes its forward. */
  readonly evaluations: { readonly forward: number; readonly gradient: number };
  /** Per feature, shape of the attributions. */
  readonly standardErrors?: Readonly<Record<string, Tensor>>;
  /** With a set of baselines: the attributions from each, whose weighted mean `attributions` is. */
  readonly perBaseline?: readonly Readonly<Record<string, Tensor>>[];
  readonly players?: Players;
  /** One list a row, one value a player: each group once, however many elements it has. */
  readonly perPlayer?: readonly (readonly number[])[];
  /** true: computed by exact breakpoints, or over all coalitions. */
  readonly exact?: boolean;
  readonly curves?: readonly PathCurve[];
  /** Changes of the graph that keep its function but not its relevance, made before the rules were applied, in words. */
  readonly canonizers?: readonly string[];
  /** One a row: what players do together. */
  readonly interactions?: readonly Interactions[];
  /** One list a row, one entry for each method that was measured: how it allots what players do. */
  readonly allocation?: readonly (readonly Allocation[])[];
  readonly warnings: readonly Warning[];
}

/** Saturation along the path of one row: interior gradients (Sundararajan, Taly, Yan 2016, arXiv:1611.02639). */
export interface PathCurve {
  readonly alphas: readonly number[];
  /** F at each alpha. */
  readonly outputs: readonly number[];
  /** Gradients at each alpha by attributed tensor, shape [alphas, ...], when they were to be kept. */
  readonly gradients?: Readonly<Record<string, Tensor>>;
  /** Euclidean norm of the gradient over all attributed elements of the row. */
  readonly gradientNorms: readonly number[];
  /** Sum of the attributions accumulated over [0, alpha]. */
  readonly cumulative: readonly number[];
  /** Smallest alpha at which half of F(x) - F(x') is reached; null when F(x) = F(x'). */
  readonly halfChangeAlpha: number | null;
  /** Gradient norm at the input at most a tenth of the largest on the path. */
  readonly saturated: boolean;
}

/** Progress of a long computation; `total` is a forecast and may grow. */
export interface Progress {
  readonly phase: string;
  readonly done: number;
  readonly total: number;
  /** Stated relative error reached so far, once it is known. */
  readonly error?: number;
}
