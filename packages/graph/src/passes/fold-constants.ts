import type { Tensor } from '@pathwise/model';
import { foldNode } from '../fold.ts';
import { typeOf, type Graph, type Node } from '../graph.ts';
import type { OperandInfo, OpSet } from '../op.ts';
import { withNodes } from './rebuild.ts';

/** Replaces nodes that depend on constants only by their values, under the same names. */
export function foldConstants(graph: Graph, ops: OpSet): Graph {
  const constants = new Map(graph.constants);
  const nodes: Node[] = [];
  for (const node of graph.nodes) {
    const values = foldedOutputs(graph, node, constants, ops);
    if (values === null) nodes.push(node);
    else
      for (const [i, output] of node.outputs.entries()) if (output !== '') constants.set(output, values[i] as Tensor);
  }
  return nodes.length === graph.nodes.length ? graph : withNodes(graph, nodes, constants);
}

function foldedOutputs(
  graph: Graph,
  node: Node,
  constants: ReadonlyMap<string, Tensor>,
  ops: OpSet,
): readonly Tensor[] | null {
  const op = ops.get(node.op);
  if (op === undefined) return null;
  const operands = node.inputs.map((input): OperandInfo | null => {
    if (input === '') return null;
    const value = constants.get(input);
    return value === undefined ? typeOf(graph, input) : { ...typeOf(graph, input), value };
  });
  const types = node.outputs.map((output) => (output === '' ? UNUSED : typeOf(graph, output)));
  return foldNode(op, operands, node.attrs, types);
}

const UNUSED = { dtype: 'float32', shape: [] } as const;
