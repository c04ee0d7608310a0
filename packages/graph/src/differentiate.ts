import { PathwiseError } from '@pathwise/model';
import type { Graph, Node } from './graph.ts';
import type { OpSet } from './op.ts';
import { dependents, propagate } from './propagate.ts';

export interface DifferentiateOptions {
  /** Tensors whose cotangents are given: each gets an input of the same shape. */
  readonly targets: readonly string[];
  /** Tensors to differentiate by. */
  readonly wrt: readonly string[];
  readonly ops: OpSet;
}

export interface DifferentiatedGraph {
  /** The forward graph with the backward nodes appended; its outputs are the old ones and the gradients. */
  readonly graph: Graph;
  /** Target -> the input that takes its cotangent. */
  readonly seeds: ReadonlyMap<string, string>;
  /** Tensor of `wrt` -> its gradient; null where no target depends on it. */
  readonly gradients: ReadonlyMap<string, string | null>;
}

/**
 * Appends the reverse-mode derivative: for cotangents c of the targets, the sum of J^T c with respect to each tensor of
 * `wrt`, inner tensors included. Rules emit nodes, so that every engine that runs graphs runs gradients.
 * Ops without a rule of their own must have been lowered before (`lowerGraph`).
 * @throws PathwiseError UNSUPPORTED_OP naming a node on the way whose gradient is not known.
 */
export function differentiate(graph: Graph, { targets, wrt, ops }: DifferentiateOptions): DifferentiatedGraph {
  const b = ops.builder();
  b.include(graph);
  const cotangents = new Map<string, string>();
  const seeds = new Map<string, string>();
  const add = (before: string, more: string): string => b.emit('Add', [before, more]);
  for (const target of targets) {
    const type = b.type(target);
    const seed = b.input(b.freshName(`cotangent.${target}`), type.shape, type.dtype);
    seeds.set(target, seed);
    const before = cotangents.get(target);
    cotangents.set(target, before === undefined ? seed : add(before, seed));
  }
  propagate(graph, ops, cotangents, {
    moving: dependents(graph, wrt, ops),
    add,
    rule(node, op, needs, dys) {
      if (op === undefined) throw noGradient(node, 'this op is not known');
      if (op.vjp === undefined) throw noGradient(node, 'the gradient of this op is not known');
      return op.vjp(b, { ...node, needs }, dys);
    },
  });
  const gradients = new Map(wrt.map((name) => [name, cotangents.get(name) ?? null]));
  const outputs = [...new Set([...graph.outputs, ...[...gradients.values()].filter((g) => g !== null)])];
  return { graph: b.build(outputs, `${graph.name}.gradient`), seeds, gradients };
}

function noGradient(node: Node, problem: string): PathwiseError {
  return new PathwiseError('UNSUPPORTED_OP', `node "${node.name}" (${node.op}): ${problem}`, {
    node: node.name,
    op: node.op,
  });
}
