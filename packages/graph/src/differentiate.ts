import { isFloat, PathwiseError } from '@pathwise/model';
import type { Graph, Node, TensorType } from './graph.ts';
import { inputKind, type OpSet } from './op.ts';
import type { GraphWriter } from './writer.ts';

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
  const moving = dependents(graph, new Set(wrt), ops);
  const cotangents = new Map<string, string>();
  const seeds = new Map<string, string>();
  for (const target of targets) {
    const type = b.type(target);
    const seed = b.input(b.freshName(`cotangent.${target}`), type.shape, type.dtype);
    seeds.set(target, seed);
    accumulate(b, cotangents, target, seed);
  }
  for (const node of [...graph.nodes].reverse()) backward(b, node, { moving, cotangents, ops });
  const gradients = new Map(wrt.map((name) => [name, cotangents.get(name) ?? null]));
  const outputs = [...new Set([...graph.outputs, ...[...gradients.values()].filter((g) => g !== null)])];
  return { graph: b.build(outputs, `${graph.name}.gradient`), seeds, gradients };
}

interface BackwardState {
  readonly moving: ReadonlySet<string>;
  readonly cotangents: Map<string, string>;
  readonly ops: OpSet;
}

function backward(b: GraphWriter, node: Node, { moving, cotangents, ops }: BackwardState): void {
  const dys = node.outputs.map((output) => cotangents.get(output) ?? null);
  if (dys.every((dy) => dy === null)) return;
  const op = ops.get(node.op);
  if (op === undefined) throw noGradient(node, 'this op is not known');
  const needs = node.inputs.map((input, i) => moving.has(input) && inputKind(op, i) === 'differentiable');
  if (!needs.includes(true)) return;
  if (op.vjp === undefined) throw noGradient(node, 'the gradient of this op is not known');
  const dxs = op.vjp(b, { name: node.name, inputs: node.inputs, outputs: node.outputs, attrs: node.attrs, needs }, dys);
  for (const [i, dx] of dxs.entries()) {
    const input = node.inputs[i];
    if (dx !== null && needs[i] === true && input !== undefined) accumulate(b, cotangents, input, dx);
  }
}

/**
 * Tensors that depend differentiably on one of `sources` (which are included). Integers do not, unless they are
 * quantized numbers.
 */
function dependents(graph: Graph, sources: ReadonlySet<string>, ops: OpSet): Set<string> {
  const moving = new Set(sources);
  const isFloating = (name: string): boolean => isFloat((graph.types.get(name) as TensorType).dtype);
  for (const node of graph.nodes) {
    const op = ops.get(node.op);
    const movers = node.inputs.filter(
      (input, i) => moving.has(input) && (op === undefined || inputKind(op, i) === 'differentiable'),
    );
    if (movers.length === 0) continue;
    const quantized = op?.straightThrough === true || !movers.every(isFloating);
    for (const output of node.outputs) if (output !== '' && (quantized || isFloating(output))) moving.add(output);
  }
  return moving;
}

function accumulate(b: GraphWriter, cotangents: Map<string, string>, tensor: string, dx: string): void {
  const before = cotangents.get(tensor);
  cotangents.set(tensor, before === undefined ? dx : b.emit('Add', [before, dx]));
}

function noGradient(node: Node, problem: string): PathwiseError {
  return new PathwiseError('UNSUPPORTED_OP', `node "${node.name}" (${node.op}): ${problem}`, {
    node: node.name,
    op: node.op,
  });
}
