import { sizeOf, toFloat64 } from '@pathwise/model';
import { typeOf, type Graph } from '../graph.ts';
import type { OpSet } from '../op.ts';
import { nodeLabel, typeLabel } from './labels.ts';

/**
 * A graph as text, one line a node:
 * `h: float32[1,4] = Gemm(x, w:float32[4,3], [0,0,0,1]) transB=1`. Small constants are shown by value in place. With
 * `ops`, attributes that have their default value are left out.
 */
export function printText(graph: Graph, ops?: OpSet): string {
  const parameters = [...graph.constants.values()].reduce((sum, value) => sum + sizeOf(value.shape), 0);
  const lines = [
    `graph ${JSON.stringify(graph.name)}: ${plural(graph.nodes.length, 'node')}, ${plural(graph.constants.size, 'constant')} of ${plural(parameters, 'element')}`,
    ...graph.inputs.map((name) => `  input ${name}: ${typeLabel(typeOf(graph, name))}`),
    ...graph.nodes.map((node) => `  ${nodeLabel(graph, node, ops)}`),
    ...graph.outputs.map((name) => `  output ${name}: ${typeLabel(typeOf(graph, name))}${constantNote(graph, name)}`),
  ];
  return `${lines.join('\n')}\n`;
}

/** Outputs may have been folded into constants; say so, since no line computes them. */
function constantNote(graph: Graph, name: string): string {
  const value = graph.constants.get(name);
  if (value === undefined) return '';
  const numbers = Array.from(toFloat64(value.data).subarray(0, 4), String);
  return ` (constant ${numbers.join(', ')}${value.data.length > 4 ? ', …' : ''})`;
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
