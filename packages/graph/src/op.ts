import type { DType, Tensor } from '@pathwise/model';
import type { Attrs, AttrValue, TensorType } from './graph.ts';
import type { GraphWriter } from './writer.ts';

/** What moves through an input: a value that is differentiated, one that never has a gradient, or an index or shape. */
export type InputKind = 'differentiable' | 'zero-gradient' | 'index';

/** How relevance methods treat an op: they know classes, not names. */
export type RelevanceClass =
  | 'weighted-linear'
  | 'fixed-linear'
  | 'affine'
  | 'bias'
  | 'sum'
  | 'unary'
  | 'max'
  | 'product'
  | 'softmax'
  | 'normalization'
  | 'shape'
  | 'recurrent'
  | 'stop';

export type AttrType = 'int' | 'float' | 'string' | 'ints' | 'floats' | 'strings' | 'tensor';

/** An attribute of an op; without `default` and not `required` it may be absent. */
export interface AttrSpec {
  readonly type: AttrType;
  readonly default?: AttrValue;
  readonly required?: boolean;
  /** Allowed values of a string attribute. */
  readonly oneOf?: readonly string[];
}

/** An input as shape inference sees it: its type, and its value where that is a constant. */
export interface OperandInfo extends TensorType {
  readonly value?: Tensor;
}

/** A value during evaluation: float64 (integers and booleans too), row-major. */
export interface Value {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

/** Names of a node's tensors, for rules that emit nodes. */
export interface NodeRefs<A = Attrs> {
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attrs: A;
  /** Which inputs need a cotangent. */
  readonly needs: readonly boolean[];
}

/**
 * `moving` lists the positions of the inputs that vary along the path (the others are constant).
 * Says whether the op's outputs are then an affine (or a piecewise-linear) function of them.
 */
export type Linearity = (moving: readonly number[], attrs: Attrs) => boolean;

/** Shapes and values to try an op on; serves the gradient test, kernels' conformance and the docs. */
export interface OpExample<A = Attrs> {
  readonly name: string;
  readonly attrs?: Partial<A>;
  /** Shape of each input (null: absent), or a constant. */
  readonly inputs: readonly (readonly number[] | Tensor | null)[];
  /** Inputs are drawn uniformly from it; default [-2, 2]. */
  readonly domain?: readonly [number, number];
  /** Number of outputs asked for; default 1. */
  readonly outputs?: number;
  /** The gradient is zero (almost) everywhere on purpose. */
  readonly flat?: boolean;
  /** Relative tolerance of the finite-difference check where the default 1e-6 is too strict; say why in `reason`. */
  readonly tolerance?: number;
  readonly reason?: string;
}

/** Everything that is known of one op. Its only home is one file of the ops package. */
export interface OpDef<A = Attrs> {
  readonly name: string;
  /** In plan files; never reused. */
  readonly code: number;
  /** One entry an input; with `variadic` the last entry repeats. */
  readonly inputs: readonly InputKind[];
  /** How many leading inputs must be present; default: all. */
  readonly required?: number;
  readonly variadic?: boolean;
  /** Largest number of outputs; default 1. */
  readonly maxOutputs?: number;
  readonly attrs: Readonly<Record<string, AttrSpec>>;
  readonly relevance: RelevanceClass;
  readonly affine: Linearity;
  readonly piecewiseLinear: Linearity;
  /** The op has points without a derivative (ReLU, max, abs): quadratures then gain nothing from high order. */
  readonly kinks: boolean;
  /** The outputs depend on the types of the inputs, not on their values (Shape): they are known while building. */
  readonly typeOnly?: boolean;
  /**
   * Integer outputs stand for the numbers they were rounded from and take gradients as those would (QuantizeLinear:
   * the straight-through estimate). Their cotangents are floats.
   */
  readonly straightThrough?: boolean;
  /** Output types. Throws PathwiseError for what the op cannot do. */
  infer(inputs: readonly (OperandInfo | null)[], attrs: A, outputs: number): TensorType[];
  /** float64 evaluation: the oracle. Returns the data of each output of `types`. Must not modify or return inputs. */
  forward(inputs: readonly (Value | null)[], attrs: A, types: readonly TensorType[]): Float64Array[];
  /**
   * Emits nodes that pull the outputs' cotangents (null: none) back to the inputs; null: no cotangent.
   * Ops without it are lowered first, or stop the gradient where every input is zero-gradient or an index.
   */
  vjp?(b: GraphWriter, node: NodeRefs<A>, cotangents: readonly (string | null)[]): (string | null)[];
  /** Emits the op as simpler ops; returns the tensors that replace its outputs. */
  lower?(b: GraphWriter, node: NodeRefs<A>): string[];
  /**
   * Piecewise-linear ops with kinks: the places t in (0, 1) where the op changes its linear piece while its inputs
   * move on straight lines from `a` (t = 0) to `b` (t = 1).
   */
  crossings?(a: readonly (Value | null)[], b: readonly (Value | null)[], attrs: A): number[];
  readonly examples: readonly OpExample<A>[];
}

/** The ops that a pass or an engine knows. */
export interface OpSet {
  get(name: string): OpDef | undefined;
  /** Every op once. */
  readonly all: readonly OpDef[];
  /** A builder whose type rules may use (the ops package adds shorthands to it). */
  builder(): GraphWriter;
}

/** Kind of input `position` of an op, counting variadic inputs. */
export function inputKind(op: OpDef, position: number): InputKind {
  return op.inputs[Math.min(position, op.inputs.length - 1)] ?? 'differentiable';
}
