import { PathwiseError } from '@pathwise/model';
import type { Attrs } from '@pathwise/graph';
import type { OpBuilder } from '@pathwise/ops';

/** A node of the file on its way into the graph: its tensors are those of the graph. */
export interface ImportNode {
  readonly name: string;
  readonly op: string;
  /** Version of the operator set that gives the node its meaning. */
  readonly version: number;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attrs: Attrs;
}

export interface NormalizeContext {
  readonly b: OpBuilder;
  /** Does anything read the output at this position? */
  readonly isUsed: (output: number) => boolean;
}

/**
 * Rewrites a node of an older operator set (or of another domain) to the meaning of opset 21. It may emit nodes
 * before it with the builder; the node that it returns has the file's outputs. Where several nodes have them, all are
 * emitted and the outputs returned.
 */
export type Normalize<R = ImportNode | readonly string[]> = (node: ImportNode, context: NormalizeContext) => R;

/** The node without some attributes. */
export function without(node: ImportNode, ...names: readonly string[]): ImportNode {
  return { ...node, attrs: Object.fromEntries(Object.entries(node.attrs).filter(([name]) => !names.includes(name))) };
}

/** The node with another op, and attributes added or replaced. */
export function become(node: ImportNode, op: string, inputs: readonly string[], attrs: Attrs = node.attrs): ImportNode {
  return { ...node, op, inputs, attrs };
}

export function intAttr(node: ImportNode, name: string, otherwise: number): number {
  const value = node.attrs[name] ?? otherwise;
  if (typeof value !== 'number') throw wrongType(name, 'a number');
  return value;
}

export function numbersAttr(node: ImportNode, name: string): readonly number[] | undefined {
  const value = node.attrs[name];
  if (value === undefined) return undefined;
  if (!Array.isArray(value) || !value.every((v): v is number => typeof v === 'number'))
    throw wrongType(name, 'numbers');
  return value;
}

function wrongType(name: string, wanted: string): PathwiseError {
  return new PathwiseError('BAD_FILE', `expected attribute ${name} to be ${wanted}`);
}

/** The node with an attribute of integers made its input at a position; absent ones before it are filled with ''. */
export function attributeToInput(node: ImportNode, b: OpBuilder, name: string, position: number): ImportNode {
  const values = numbersAttr(node, name);
  if (values === undefined) return node;
  return without({ ...node, inputs: withInput(node.inputs, position, b.ints(values)) }, name);
}

export function withInput(inputs: readonly string[], position: number, ref: string): string[] {
  return Array.from({ length: Math.max(inputs.length, position + 1) }, (_, i) =>
    i === position ? ref : (inputs[i] ?? ''),
  );
}

/** What a node asks for that opset 21 cannot say. */
export function cannot(reason: string): PathwiseError {
  return new PathwiseError('UNSUPPORTED_OP', reason);
}
