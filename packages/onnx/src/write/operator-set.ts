import type { Graph } from '@pathwise/graph';

/** The operator set whose meanings graphs have. */
const BASE = 21;

/** Ops that came after it, with the operator set that brought them. Source: Operators.md of ONNX 1.20. */
const LATER: ReadonlyMap<string, number> = new Map([
  ['Attention', 23],
  ['RMSNormalization', 23],
  ['RotaryEmbedding', 23],
  ['Swish', 24],
  ['CumProd', 26],
]);

/** The version of the file format that first knew an operator set. Source: Versioning.md of ONNX 1.20. */
const IR_VERSIONS: ReadonlyMap<number, number> = new Map([
  [21, 10],
  [23, 11],
  [24, 12],
  [26, 13],
]);

/** The oldest operator set (at least 21) that has every op of a graph, and the version of the file format for it. */
export function operatorSetFor(graph: Graph): { readonly opset: number; readonly irVersion: number } {
  const opset = graph.nodes.reduce((version, { op }) => Math.max(version, LATER.get(op) ?? BASE), BASE);
  return { opset, irVersion: IR_VERSIONS.get(opset) as number };
}
