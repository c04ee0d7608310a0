import { isFloat } from '@pathwise/model';
import type { Graph, Node, TensorType } from './graph.ts';
import { inputKind, type OpDef, type OpSet } from './op.ts';

/** How values pass backwards over a graph. `V` is what one tensor carries: a name, or several. */
export interface BackwardRules<V> {
  /** Tensors that values can reach: those that depend on what is explained. */
  readonly moving: ReadonlySet<string>;
  /** Which inputs of a node may get a value; default the differentiable ones. */
  readonly isOpen?: (op: OpDef, position: number) => boolean;
  /** Joins what two consumers give a tensor. */
  readonly add: (before: V, more: V) => V;
  /**
   * Values of the inputs of a node from those of its outputs (null: none). `needs` says which inputs get one. What it
   * sees is the sum over all consumers of an output.
   */
  readonly rule: (
    node: Node,
    op: OpDef | undefined,
    needs: readonly boolean[],
    values: readonly (V | null)[],
  ) => readonly (V | null)[];
}

/**
 * Carries values from the tensors of `values` backwards over a graph, node by node, and adds what reaches each tensor to
 * `values`. Differentiation, LRP and DeepLIFT are this with other rules. It knows nodes and tensors, not layers: one that
 * is used twice is two nodes.
 */
export function propagate<V>(graph: Graph, ops: OpSet, values: Map<string, V>, rules: BackwardRules<V>): void {
  const { moving, isOpen = isDifferentiable, add, rule } = rules;
  for (const node of [...graph.nodes].reverse()) {
    const given = node.outputs.map((output) => values.get(output) ?? null);
    if (given.every((value) => value === null)) continue;
    const op = ops.get(node.op);
    const needs = node.inputs.map((input, i) => moving.has(input) && (op === undefined || isOpen(op, i)));
    if (op !== undefined && !needs.includes(true)) continue;
    for (const [i, value] of rule(node, op, needs, given).entries()) {
      const input = node.inputs[i];
      if (value === null || needs[i] !== true || input === undefined) continue;
      const before = values.get(input);
      values.set(input, before === undefined ? value : add(before, value));
    }
  }
}

/** Gradients pass this input. */
export function isDifferentiable(op: OpDef, position: number): boolean {
  return inputKind(op, position) === 'differentiable';
}

/**
 * Tensors that depend on one of `sources` (which are included) through open inputs, by default the differentiable ones.
 * Integers do not, unless they are quantized numbers.
 */
export function dependents(
  graph: Graph,
  sources: Iterable<string>,
  ops: OpSet,
  isOpen: (op: OpDef, position: number) => boolean = isDifferentiable,
): Set<string> {
  const moving = new Set(sources);
  const isFloating = (name: string): boolean => isFloat((graph.types.get(name) as TensorType).dtype);
  for (const node of graph.nodes) {
    const op = ops.get(node.op);
    const movers = node.inputs.filter((input, i) => moving.has(input) && (op === undefined || isOpen(op, i)));
    if (movers.length === 0) continue;
    const quantized = op?.straightThrough === true || !movers.every(isFloating);
    for (const output of node.outputs) if (output !== '' && (quantized || isFloating(output))) moving.add(output);
  }
  return moving;
}
