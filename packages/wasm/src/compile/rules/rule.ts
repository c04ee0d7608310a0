import type { Node } from '@pathwise/graph';
import type { Emitter } from '../emitter.ts';
import type { View } from '../view.ts';

/** Emits the steps of a node; returns the views of its outputs. Throws UNSUPPORTED_OP for what it cannot do. */
export type Rule = (e: Emitter, node: Node) => View[];

/** A numeric attribute. */
export function number(node: Node, name: string): number {
  return node.attrs[name] as number;
}

/** The first input, which must be there. */
export function first(e: Emitter, node: Node): View {
  return e.input(node, 0) as View;
}
