import type { Graph } from '../graph.ts';
import type { OpSet } from '../op.ts';
import { diagramOf } from './diagram.ts';
import { fillOf } from './palette.ts';

/** A graph in the language of Graphviz; with `ops`, boxes are coloured by the class of their op. */
export function printDot(graph: Graph, ops?: OpSet): string {
  const { vertices, edges } = diagramOf(graph, ops);
  const lines = [
    `digraph ${quote(graph.name)} {`,
    '  rankdir=TB; node [shape=box, style="filled,rounded", fontname="Helvetica", fontsize=11]; edge [arrowsize=0.6];',
    ...vertices.map(
      (vertex, i) =>
        `  v${i} [label=${quote(vertex.lines.join('\n'))}, tooltip=${quote(vertex.detail)}, fillcolor="${fillOf(vertex)}"${vertex.kind === 'node' ? '' : ', shape=ellipse'}];`,
    ),
    ...edges.map(({ from, to, tensor }) => `  v${from} -> v${to} [tooltip=${quote(tensor)}];`),
    '}',
  ];
  return `${lines.join('\n')}\n`;
}

function quote(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}
