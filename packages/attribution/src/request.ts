import type { Attribution, Feeds, OutputScale, ParamValue, Progress, Target, Tensor } from '@pathwise/model';
import type { Baseline, PerInput } from './baselines/baseline.ts';
import type { QuadratureRule } from './quadrature/rules.ts';
import type { Segmenter } from './segments/segmenter.ts';

/**
 * What is asked of a method. Everything but `inputs` has a default; what a method does not take is an error
 * (`takes` in its registry entry).
 */
export interface AttributionRequest {
  /** Values of all inputs of the model; the first axis counts rows (examples). */
  readonly inputs: Feeds;
  /** Values of tensors of the model at `inputs` that the caller has: they are not evaluated again. */
  readonly known?: Readonly<Record<string, Tensor>> | undefined;
  /** Inputs that keep their value on the whole path and get no attribution. */
  readonly constants?: readonly string[] | undefined;
  /** The "absent" input; default zeros. */
  readonly baseline?: Baseline | PerInput | undefined;
  /** What is explained; default `'top1'`. */
  readonly target?: Target | undefined;
  /** Name of the output that is explained; default the first. */
  readonly output?: string | undefined;
  /** Scale of the output that is explained; default as it is. */
  readonly scale?: OutputScale | undefined;
  /** Inner tensors, by name. */
  readonly layer?: string | readonly string[] | undefined;
  /** Elements of one row of the layer. */
  readonly neuron?: NeuronSelector | undefined;
  /**
   * Features that are switched together: integers of the shape of one row (or [1, ...row], or broadcast to it), one mask
   * or one by input. Equal ids are one player, also across inputs; -1 is never switched. One id a position for token ids.
   * Or `grid:SIDE`, squares of pixels; `slic:N`, about N superpixels of the image; `felzenszwalb:SCALE`, its pixels of like
   * colour.
   */
  readonly featureMask?: Segmenter | Tensor | Readonly<Record<string, Tensor>> | undefined;
  /** Nodes of a fixed rule (trapezoid and clenshaw-curtis: one more). */
  readonly steps?: number | undefined;
  /** Relative L1 error per row to reach; default 0.05. */
  readonly tolerance?: number | undefined;
  /** Follow the breakpoints of a piecewise-linear model. */
  readonly exact?: boolean | undefined;
  /** Default gauss-legendre with `steps`, otherwise adaptive. */
  readonly quadrature?: QuadratureRule | 'adaptive' | undefined;
  /** Parameters of the method, as its registry entry lists them. */
  readonly params?: Readonly<Record<string, ParamValue>> | undefined;
  /** A non-negative integer below 2^53; default 0. Only random methods and baselines use it. */
  readonly seed?: number | undefined;
  /** Lowest and highest value of an input, for random and farthest baselines; default those of the row. */
  readonly ranges?: Readonly<Record<string, readonly [low: number, high: number]>> | undefined;
  /** Standard errors per feature (adaptive quadrature). */
  readonly standardErrors?: boolean | undefined;
  /** Bytes that evaluating may take at a time; default 512 MiB. */
  readonly maxBytes?: number | undefined;
  /** Gradients a row at most for a tolerance; default 1024. */
  readonly maxEvaluations?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** Called between the rounds of adaptive quadrature with what is known so far, by methods that refine in rounds. */
  readonly onPartial?: ((partial: PartialAttribution) => void) | undefined;
}

/** An attribution that is not final: its fields mean what those of `Attribution` mean. */
export type PartialAttribution = Pick<
  Attribution,
  'attributions' | 'outputAtInput' | 'outputAtBaseline' | 'convergenceDelta' | 'error'
>;

/**
 * One entry per axis of a row of the layer: an index (negative from the end) or a slice `a:b`, `:`. Text holds the
 * entries with commas: `1,:,:`. Selected elements are summed.
 */
export type NeuronSelector = string | readonly (number | string)[];

type GeneralParts = Pick<
  AttributionRequest,
  'inputs' | 'constants' | 'target' | 'output' | 'scale' | 'seed' | 'ranges' | 'maxBytes' | 'signal'
>;

/** The parts of a request that no method refuses. */
export function generalParts(request: GeneralParts): GeneralParts {
  const { inputs, constants, target, output, scale, seed, ranges, maxBytes, signal } = request;
  return { inputs, constants, target, output, scale, seed, ranges, maxBytes, signal };
}
