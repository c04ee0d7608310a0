import { isFloat } from '@pathwise/model';
import type { OpBuilder } from '../builder.ts';
import { pullBack, type Site } from './rule.ts';

/** A node z = x w + b with one active factor x, whatever the op: its parts, and how to compute it with other ones. */
export interface WeightedNode {
  readonly x: string;
  /** The weight, times Gemm's alpha. */
  readonly weight: (b: OpBuilder) => string;
  /** The bias, times Gemm's beta; null without one. */
  readonly bias: (b: OpBuilder) => string | null;
  readonly output: string;
  /** x w + b with other parts. */
  readonly apply: (b: OpBuilder, x: string, weight: string, bias: string | null) => string;
  /** The cotangent of x for a cotangent of z and another weight: w^T s. */
  readonly pull: (b: OpBuilder, x: string, weight: string, s: string) => string;
  readonly position: number;
}

/** The weighted node of a site, or null if more than one factor is active, or the op is none. */
export function weightedNode(site: Site): WeightedNode | null {
  const { node, op, active, graph } = site;
  const [position] = active;
  if (op.relevance !== 'weighted-linear' || active.length !== 1 || position === undefined || position > 1) return null;
  const [first, second, bias = ''] = node.inputs;
  const isVariadic = op.variadic === true;
  if (node.inputs.length > (isVariadic ? 2 : 3) || op.inputs.length > 3 || second === undefined) return null;
  if ([first, second].some((name) => !isFloat(graph.types.get(name as string)!.dtype))) return null;
  const { alpha = 1, beta = 1, ...rest } = node.attrs as { alpha?: number; beta?: number };
  const isScaled = 'alpha' in node.attrs;
  const attrs = isScaled ? { ...rest, alpha: 1, beta: 1 } : node.attrs;
  const scaled = (b: OpBuilder, name: string, factor: number): string => (factor === 1 ? name : b.mul(name, factor));
  const order = (x: string, weight: string): string[] => (position === 0 ? [x, weight] : [weight, x]);
  return {
    x: node.inputs[position] as string,
    weight: (b) => scaled(b, node.inputs[1 - position] as string, alpha),
    bias: (b) => (bias === '' ? null : scaled(b, bias, beta)),
    output: node.outputs[0] as string,
    apply: (b, x, weight, own) => b.emit(node.op, own === null ? order(x, weight) : [...order(x, weight), own], attrs),
    pull(b, x, weight, s) {
      const plain = { ...site, node: { ...node, attrs } };
      return pullBack(b, plain, [s], order(x, weight))[position] as string;
    },
    position,
  };
}
