import type { Node } from '@pathwise/graph';
import type { OpBuilder } from '@pathwise/ops';

/** An operand of a node: its name, its shape in one row, and whether it has the axis of rows in front. */
export interface BatchOperand {
  readonly ref: string;
  readonly shape: readonly number[];
  readonly moves: boolean;
}

/** What a rule has to work with. */
export interface BatchContext {
  readonly b: OpBuilder;
  readonly node: Node;
  readonly rows: number;
  /** Null: absent. */
  readonly operands: readonly (BatchOperand | null)[];
  /** Shapes of the outputs in one row. */
  readonly shapes: readonly (readonly number[])[];
}

/** Emits a node for all rows at once; returns its outputs with the rows in front, or null where it cannot. */
export type BatchRule = (context: BatchContext) => readonly string[] | null;
