import type { Attrs, NodeRefs, OpDef } from '@pathwise/graph';
import type { OpBuilder } from './builder.ts';

/** An op as its file writes it: the rules emit nodes through {@link OpBuilder}. */
export interface OpRules<A> extends Omit<OpDef<A>, 'vjp' | 'lower'> {
  vjp?(b: OpBuilder, node: NodeRefs<A>, cotangents: readonly (string | null)[]): (string | null)[];
  lower?(b: OpBuilder, node: NodeRefs<A>): string[];
}

/** Declares an op. `A` is a type alias of its attributes as they are after defaults. */
export function defineOp<A extends Attrs>(rules: OpRules<A>): OpDef {
  return rules as unknown as OpDef;
}
