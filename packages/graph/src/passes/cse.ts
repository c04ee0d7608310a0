import type { Tensor } from '@pathwise/model';
import type { Attrs, AttrValue, Graph, Node } from '../graph.ts';
import { protectedTensors, withNodes } from './rebuild.ts';

/**
 * Merges nodes that compute the same (same op, inputs and attributes) and constants that are equal. Tensors of `keep`
 * take no part: who reads them stays as it is, so that a gradient by one of them keeps its meaning.
 */
export function mergeCommonSubexpressions(graph: Graph, keep: readonly string[] = []): Graph {
  const kept = new Set(keep);
  const fixed = protectedTensors(graph, keep);
  const replacement = mergeConstants(graph.constants, fixed, kept);
  const constants = new Map([...graph.constants].filter(([name]) => !replacement.has(name)));
  const identify = identities();
  const firsts = new Map<string, Node>();
  const nodes: Node[] = [];
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((input) => replacement.get(input) ?? input);
    const renamed = inputs.some((input, i) => input !== node.inputs[i]) ? { ...node, inputs } : node;
    const key = [node.op, ...inputs, attrsKey(node.attrs, identify)].join('\n');
    const first = firsts.get(key);
    if (first !== undefined && !node.outputs.some((output) => fixed.has(output)) && covers(first, node)) {
      for (const [i, output] of node.outputs.entries()) {
        if (output !== '') replacement.set(output, first.outputs[i] as string);
      }
      continue;
    }
    if (first === undefined && !node.outputs.some((output) => kept.has(output))) firsts.set(key, renamed);
    nodes.push(renamed);
  }
  return replacement.size === 0 ? graph : withNodes(graph, nodes, constants);
}

/** The first node has all outputs that the second has. */
function covers(first: Node, second: Node): boolean {
  return second.outputs.every((output, i) => output === '' || (first.outputs[i] ?? '') !== '');
}

function mergeConstants(
  constants: ReadonlyMap<string, Tensor>,
  fixed: ReadonlySet<string>,
  kept: ReadonlySet<string>,
): Map<string, string> {
  const replacement = new Map<string, string>();
  const groups = new Map<string, [string, Tensor][]>();
  for (const [name, value] of constants) {
    const key = `${value.dtype}[${value.shape.join(',')}]${value.data.constructor.name}`;
    const group = groups.get(key) ?? [];
    groups.set(key, group);
    const equal = fixed.has(name) ? undefined : group.find(([, other]) => equalData(value.data, other.data));
    if (equal !== undefined) replacement.set(name, equal[0]);
    else if (!kept.has(name)) group.push([name, value]);
  }
  return replacement;
}

function equalData(a: Tensor['data'], b: Tensor['data']): boolean {
  if (a === b) return true;
  for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return false;
  return true;
}

function attrsKey(attrs: Attrs, identify: (value: object) => number): string {
  return Object.keys(attrs)
    .sort()
    .map((name) => `${name}=${attrKey(attrs[name], identify)}`)
    .join(';');
}

function attrKey(value: AttrValue | undefined, identify: (value: object) => number): string {
  if (typeof value === 'object' && 'data' in value) return `tensor ${identify(value.data)} [${value.shape.join(',')}]`;
  if (Array.isArray(value))
    return `[${(value as readonly (number | string)[]).map((v) => attrKey(v, identify)).join(',')}]`;
  return Object.is(value, -0) ? '-0' : JSON.stringify(String(value));
}

/** Numbers objects in the order in which they are met. */
function identities(): (value: object) => number {
  const numbers = new Map<object, number>();
  return (value) => {
    const number = numbers.get(value) ?? numbers.size;
    numbers.set(value, number);
    return number;
  };
}
