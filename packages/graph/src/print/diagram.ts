import type { Graph } from '../graph.ts';
import type { OpSet, RelevanceClass } from '../op.ts';
import { nodeLabel, typeLabel } from './labels.ts';

/** What a picture of a graph shows: boxes for inputs, nodes and outputs, and lines for the tensors between them. */
export interface Diagram {
  readonly vertices: readonly DiagramVertex[];
  readonly edges: readonly DiagramEdge[];
}

export interface DiagramVertex {
  readonly kind: 'input' | 'node' | 'output';
  /** Lines of text; the first is the title. */
  readonly lines: readonly string[];
  /** All that is known, for a tool tip. */
  readonly detail: string;
  /** Class of the op, where the set of ops was given and knows it. */
  readonly relevance?: RelevanceClass;
}

/** From one vertex to another, by their positions. */
export interface DiagramEdge {
  readonly from: number;
  readonly to: number;
  readonly tensor: string;
}

/** Constants are not drawn: the shapes of the larger ones stand in the boxes of their readers. */
export function diagramOf(graph: Graph, ops?: OpSet): Diagram {
  const vertices: DiagramVertex[] = [];
  const edges: DiagramEdge[] = [];
  const origin = new Map<string, number>();
  const connect = (tensor: string): void => {
    const from = origin.get(tensor);
    if (from !== undefined) edges.push({ from, to: vertices.length, tensor });
  };
  for (const name of graph.inputs) {
    origin.set(name, vertices.length);
    vertices.push({ kind: 'input', lines: [name, typeText(graph, name)], detail: `input ${name}` });
  }
  for (const node of graph.nodes) {
    for (const input of new Set(node.inputs)) connect(input);
    for (const output of node.outputs) if (output !== '') origin.set(output, vertices.length);
    const weights = node.inputs.flatMap((input) => {
      const shape = graph.constants.get(input)?.shape ?? [];
      return shape.length > 1 ? [shape.join('×')] : [];
    });
    const results = node.outputs.filter((output) => output !== '').map((output) => shapeText(graph, output));
    const lines = [node.op, ...new Set(results), ...weights.map((shape) => `weight ${shape}`)];
    const relevance = ops?.get(node.op)?.relevance;
    vertices.push({
      kind: 'node',
      lines,
      detail: `${node.name}\n${nodeLabel(graph, node, ops)}`,
      ...(relevance === undefined ? {} : { relevance }),
    });
  }
  for (const name of graph.outputs) {
    connect(name);
    vertices.push({ kind: 'output', lines: [name, typeText(graph, name)], detail: `output ${name}` });
  }
  return { vertices, edges };
}

function shapeText(graph: Graph, name: string): string {
  const shape = graph.types.get(name)?.shape ?? [];
  return shape.length === 0 ? 'scalar' : shape.join('×');
}

function typeText(graph: Graph, name: string): string {
  const type = graph.types.get(name);
  return type === undefined ? '' : typeLabel(type);
}
