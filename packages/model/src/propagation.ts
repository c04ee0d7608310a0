/** How relevance passes back through a node that multiplies by weights, z_k = sum_j x_j w_jk + b_k. */
export interface WeightedRule {
  /**
   * `epsilon`: in proportion to x_j w_jk. `z-plus`: to its positive part. `alpha-beta`: positive parts times alpha,
   * negative ones times 1 - alpha. `gamma`: parts of the sign of z are enlarged by 1 + gamma. `box`: z-plus for inputs
   * between `low` and `high`. `w2`: to the squared weights. `flat`: the same for all inputs.
   */
  readonly rule: 'epsilon' | 'z-plus' | 'alpha-beta' | 'gamma' | 'box' | 'w2' | 'flat';
  /** Added to denominators, with their sign; 0 for none. */
  readonly stabilizer: number;
  /** `rms`: the stabilizer is relative to the root mean square of the node's output; default `absolute`. */
  readonly stabilizerScale?: 'absolute' | 'rms';
  /** The bias takes its share, or is left out; default `absorb`. */
  readonly bias?: 'absorb' | 'ignore';
  readonly alpha?: number;
  readonly gamma?: number;
  /** Bounds of the inputs: one number, or one a channel. */
  readonly low?: readonly number[];
  readonly high?: readonly number[];
}

/** `pass`: relevance goes on unchanged. `gradient`: as a gradient does. */
export type RuleEntry = WeightedRule | { readonly rule: 'pass' | 'gradient' };

/** Which nodes a rule is for: those that fit everything that is given. */
export interface RuleMatch {
  readonly ops?: readonly string[];
  /** Relevance class of the op. */
  readonly classes?: readonly string[];
  /** No weighted node between the node and what is attributed. */
  readonly first?: true;
  /** Of the node; `*` stands for any characters. */
  readonly name?: string;
}

/** Layer-wise relevance propagation. */
export interface RelevancePropagation {
  readonly kind: 'relevance';
  /** The first entry that matches a node decides; what none matches follows the default of its class. */
  readonly composite: readonly { readonly match: RuleMatch; readonly rule: RuleEntry }[];
  /** Stabilizer of the default rules (sums, averages, products). */
  readonly stabilizer: number;
  /** Relevance of the output: its value, its weight in the target, or the positive part of the value. */
  readonly start: 'value' | 'one' | 'positive';
  /** Terms of a sum share by their values, or by their magnitudes. */
  readonly add: 'epsilon' | 'abs';
  /** Of two factors a gate gets nothing, or each gets half. */
  readonly mul: 'gate-aware' | 'uniform';
  /** A normalization is linear with its statistics held, or passes relevance on. */
  readonly norm: 'detach' | 'identity';
  /** Attention passes relevance to weights and values, or to values only. */
  readonly attention: 'bilinear' | 'value';
  /** The only activations and classes allowed, where the method is defined for some only (Deep Taylor: ReLU). */
  readonly activations?: readonly string[];
}

/** A gradient in which rectifiers pass positive values only. */
export interface RectifiedPropagation {
  readonly kind: 'rectified';
  /** Rectifiers pass only where they were active, too. */
  readonly gated: boolean;
  /** `relu`: Relu alone. `all`: LeakyRelu, PRelu, Elu and Clip from 0 too. */
  readonly rectifiers: 'relu' | 'all';
}

/** DeepLIFT: multipliers from differences to a baseline. */
export interface DeepLiftPropagation {
  readonly kind: 'deep-lift';
  readonly rule: 'rescale' | 'reveal-cancel';
  /** Ops before an activation that make it use rescale under reveal-cancel. */
  readonly rescaleAfter: readonly string[];
  /** Maxima over windows: a rule that is complete, or the winner takes all. */
  readonly pool: 'cross' | 'winner';
  /** Differences up to it count as 0; `null`: 1e-10 in float64, 1e-6 in float32. */
  readonly nearZero: number | null;
}

/** What a backward pass carries, and by which rules: plain data, so that it can be named, stored and compared. */
export type Propagation = RelevancePropagation | RectifiedPropagation | DeepLiftPropagation;
