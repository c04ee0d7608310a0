import type { Tensor } from '@pathwise/model';
import type { OpBuilder } from '@pathwise/ops';
import type { OnnxModel } from '../model/onnx-model.ts';
import type { NodeProto } from '../wire/messages.ts';
import type { Bound, Scope } from './scope.ts';

/** What the rules for single nodes need of the import they take part in. */
export interface ImportContext {
  readonly b: OpBuilder;
  readonly model: OnnxModel;
  /** Imports nodes in the names of `scope`; returns what the outputs are. */
  body(nodes: readonly NodeProto[], outputs: readonly string[], scope: Scope): Bound[];
  /** The tensor of an input that must be one. */
  tensor(value: Bound | undefined, what: string): string;
  /** The constant value of a tensor, if it is known. */
  constantOf(value: Bound | undefined): Tensor | undefined;
  /** The name in the graph of a tensor of a scope: its own in the main graph, a path in what was inlined. */
  nameFor(name: string, scope: Scope): string;
  /** Gives a value a second name: constants share their data, other tensors pass an Identity node. */
  alias(value: string, name: string, node: string): string;
  /** Counts a node against the limit. */
  count(): void;
}
