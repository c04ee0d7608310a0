import type {
  Allocation,
  Capability,
  Interactions,
  Params,
  PathCurve,
  Players,
  Propagation,
  Tensor,
  Warning,
} from '@pathwise/model';
import type { AxiomId } from './axioms/axiom.ts';
import type { Context } from './context.ts';
import type { ParamSpec } from './params.ts';
import type { AttributionRequest } from './request.ts';

export type Modality = 'tabular' | 'image' | 'text' | 'series' | 'audio';

/** Which parts of a request a method understands; a part that is given and not understood is an error. */
export interface Takes {
  /** Methods that explain a neuron or a layer by itself take it too: F(x) of it is reported. */
  readonly target: boolean;
  readonly baseline: 'none' | 'one' | 'set';
  /** `'optional'`: without one the input is explained. `'chosen'`: without one the method chooses a layer. */
  readonly layer: boolean | 'optional' | 'chosen';
  /** `true`: the neuron is explained; `'through'`: the target is, by what flows through the neuron. */
  readonly neuron: boolean | 'through';
  /** `'steps'` alone: a number of curve points; `'fixed'`: rules with nodes known beforehand, no tolerance. */
  readonly quadrature: boolean | 'steps' | 'fixed';
  /** Groups of features; default false. */
  readonly featureMask?: boolean;
}

/** A registry entry: all that the command line, forms and documentation know of a method, and its computation. */
export interface Method {
  /** Kebab-case; the name on the command line. */
  readonly id: string;
  readonly title: string;
  /** One sentence. */
  readonly summary: string;
  readonly modalities: readonly Modality[];
  readonly needs: readonly Capability[];
  /** What some requests need on top. */
  readonly needsFor?: (request: Partial<AttributionRequest>) => readonly Capability[];
  readonly takes: Takes;
  /** The backward pass of methods that need `propagate`; asked before anything is computed whether the model has it. */
  readonly propagation?: (params: Params) => Propagation;
  /** Explains the input of a final Softmax or Sigmoid unless the request names a scale. */
  readonly fromLogits?: boolean;
  /** Evaluates F(x) together with other points: the context has it only where the target depends on it. */
  readonly evaluatesInput?: boolean;
  /** Draws random numbers: the result depends on the request's seed. */
  readonly random?: boolean;
  readonly params: readonly ParamSpec[];
  readonly unit: 'contribution' | 'per-unit';
  /** Attributions are differences of F that add up to F(x) - F(x'), to rounding, however few the steps or samples. */
  readonly telescopes?: boolean;
  /** Attributions of the input are one number a pixel: all channels share it. */
  readonly perPixel?: boolean;
  /** Axioms that hold by construction or up to quadrature error. */
  readonly claims: readonly AxiomId[];
  /** What some parameters change of what the method takes and claims; axioms are checked of that. */
  readonly variant?: (params: Params) => Partial<Pick<Method, 'takes' | 'claims'>>;
  readonly reference: string;
  attribute(context: Context): Promise<Outcome>;
}

/** What a method computes; the rest of an `Attribution` is filled in for all methods alike. Lists: one entry a row. */
export interface Outcome {
  readonly attributions: Readonly<Record<string, Tensor>>;
  readonly unit?: 'contribution' | 'per-unit';
  /** In words; default the request's target. */
  readonly target?: readonly string[];
  readonly outputAtInput: readonly number[];
  readonly outputAtBaseline?: readonly number[] | null;
  readonly convergenceDelta?: readonly number[] | null;
  readonly complete?: boolean | null;
  readonly error?: readonly number[] | null;
  readonly errorMet?: readonly boolean[] | null;
  readonly standardErrors?: Readonly<Record<string, Tensor>>;
  readonly perBaseline?: readonly Readonly<Record<string, Tensor>>[];
  readonly players?: Players;
  /** One value a player and row. */
  readonly perPlayer?: readonly (readonly number[])[];
  readonly exact?: boolean;
  readonly curves?: readonly PathCurve[];
  readonly interactions?: readonly Interactions[];
  readonly allocation?: readonly (readonly Allocation[])[];
  readonly params?: Params;
  /** What was changed in the model's graph before the rules of the method were applied. */
  readonly canonizers?: readonly string[];
  readonly warnings?: readonly Warning[];
}
