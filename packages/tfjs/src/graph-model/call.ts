import { PathwiseError, toFloat64, type Tensor } from '@pathwise/model';
import type { LayoutBuilder, LayoutValue } from '../layout/layout-builder.ts';
import type { NodeAttrs } from './node-attrs.ts';

/** A node as the rule for its op sees it. */
export class Call {
  readonly l: LayoutBuilder;
  readonly op: string;
  /** Name for the first output's tensor. */
  readonly name: string;
  readonly inputs: readonly LayoutValue[];
  readonly attrs: NodeAttrs;
  /** Says something that the user should know. */
  readonly warn: (code: string, message: string) => void;

  constructor(fields: Pick<Call, 'l' | 'op' | 'name' | 'inputs' | 'attrs' | 'warn'>) {
    this.l = fields.l;
    this.op = fields.op;
    this.name = fields.name;
    this.inputs = fields.inputs;
    this.attrs = fields.attrs;
    this.warn = fields.warn;
  }

  /** @throws PathwiseError BAD_FILE where the node has too few inputs */
  input(index: number): LayoutValue {
    const value = this.inputs[index];
    if (value === undefined) {
      throw new PathwiseError('BAD_FILE', `expected at least ${index + 1} inputs, got ${this.inputs.length}`);
    }
    return value;
  }

  /** An input that decides shapes. @throws PathwiseError UNSUPPORTED_OP unless it is constant */
  constant(index: number, what: string): Tensor {
    const tensor = this.l.constantOf(this.input(index));
    if (tensor !== undefined) return tensor;
    throw new PathwiseError(
      'UNSUPPORTED_OP',
      `input ${index} (${what}) must be constant, but it is computed from the inputs of the model`,
    );
  }

  ints(index: number, what: string): number[] {
    return Array.from(toFloat64(this.constant(index, what).data));
  }

  int(index: number, what: string): number {
    const values = this.ints(index, what);
    if (values.length === 1) return values[0] as number;
    throw new PathwiseError('BAD_SHAPE', `input ${index} (${what}) must hold one number, not ${values.length}`);
  }

  /** Names for `count` outputs: name, name:1, name:2 ... */
  names(count: number): string[] {
    return Array.from({ length: count }, (_, i) => (i === 0 ? this.name : `${this.name}:${i}`));
  }
}

/** Emits a node; returns its outputs. */
export type Rule = (call: Call) => LayoutValue | readonly LayoutValue[];

/** Rules by the names of the ops. */
export type Rules = Readonly<Record<string, Rule>>;
