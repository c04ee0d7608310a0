import type { DType, Shape, Tensor } from '@pathwise/model';
import type { Attrs, Graph, Node, TensorType } from './graph.ts';

export interface AddOptions {
  /** Node name; default: made from the op. */
  readonly name?: string;
  /** Names of the outputs ('' for one that is not wanted); default: one output, named after the node. */
  readonly outputs?: readonly string[];
}

/**
 * What the rules of ops and the passes do with a `GraphBuilder`, which says what each method means. It stands apart, so
 * that the definition of an op does not depend on the builder, which depends on it.
 */
export interface GraphWriter {
  input(name: string, shape: Shape, dtype?: DType): string;
  constant(value: Tensor, name?: string): string;
  scalar(value: number, dtype?: DType): string;
  ints(values: readonly number[]): string;
  apply(op: string, inputs: readonly (string | null)[], attrs?: Attrs, options?: AddOptions): string[];
  emit(op: string, inputs: readonly (string | null)[], attrs?: Attrs, name?: string): string;
  include(graph: Graph, keepInputs?: boolean): void;
  append(node: Node, graph: Graph): void;
  reserve(names: Iterable<string>): void;
  has(name: string): boolean;
  type(ref: string): TensorType;
  shape(ref: string): Shape;
  constantOf(ref: string): Tensor | undefined;
  freshName(base: string): string;
  build(outputs: readonly string[], name?: string): Graph;
}
