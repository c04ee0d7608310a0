import { PathwiseError } from '@pathwise/model';
import { dependents, isDifferentiable, type Graph, type Node, type OpDef } from '@pathwise/graph';
import type { OpBuilder } from '../builder.ts';
import { ops } from '../op-set.ts';

/** A node on the way from the output back to what is attributed. */
export interface Site {
  readonly graph: Graph;
  readonly node: Node;
  readonly op: OpDef;
  /** Positions of the inputs that values reach. */
  readonly active: readonly number[];
  readonly needs: readonly boolean[];
}

/** Emits the values of a node's inputs from those of its outputs (null: none). */
export type LocalRule<V = string> = (b: OpBuilder, values: readonly (V | null)[]) => readonly (V | null)[];

/** The rule of a node, or in words why there is none. */
export type Choice<V = string> = LocalRule<V> | string;

/**
 * Relevance and differences to a baseline pass differentiable inputs, and activations without a derivative (rounding).
 */
export function isOpen(op: OpDef, position: number): boolean {
  return isDifferentiable(op, position) || (op.relevance === 'unary' && position === 0);
}

/** Tensors that depend on `sources` by ways that values can take. */
export function reachable(graph: Graph, sources: readonly string[]): Set<string> {
  return dependents(graph, sources, ops, isOpen);
}

/** The site of a node; null where no value can pass it. */
export function siteOf(graph: Graph, node: Node, moving: ReadonlySet<string>): Site | null {
  const op = ops.get(node.op);
  if (op === undefined) return null;
  const needs = node.inputs.map((input, i) => moving.has(input) && isOpen(op, i));
  const active = needs.flatMap((needed, i) => (needed ? [i] : []));
  return active.length === 0 ? null : { graph, node, op, active, needs };
}

/** The cotangents of a site's inputs, at other values of the inputs if given. */
export function pullBack(
  b: OpBuilder,
  { node, op, needs }: Site,
  cotangents: readonly (string | null)[],
  inputs: readonly string[] = node.inputs,
): (string | null)[] {
  const { name, outputs, attrs } = node;
  return op.vjp!(b, { name, inputs, outputs, attrs, needs }, cotangents);
}

/** The rule that passes values as a gradient does. */
export function gradientRule(site: Site): Choice {
  if (site.op.vjp === undefined) return 'its gradient is not known';
  return (b, values) => pullBack(b, site, values);
}

/** One value for each input: `value` at the active ones. */
export function forActive<V>(site: Site, value: (position: number) => V): (V | null)[] {
  return site.node.inputs.map((_, i) => (site.active.includes(i) ? value(i) : null));
}

/** The error for a node that values reach and that has no rule. */
export function noRule({ name, op }: Node, reason: string): PathwiseError {
  return new PathwiseError('UNSUPPORTED_METHOD', `node "${name}" (${op}): ${reason}`, { node: name, op });
}
