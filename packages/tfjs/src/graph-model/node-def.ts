import { PathwiseError } from '@pathwise/model';
import { NodeAttrs } from './node-attrs.ts';

/** One output of a node. */
export interface NodeOutput {
  readonly node: string;
  readonly index: number;
}

/** A node of a graph model. */
export interface NodeDef {
  readonly name: string;
  readonly op: string;
  readonly inputs: readonly NodeOutput[];
  readonly attrs: NodeAttrs;
}

/** "a" is the first output of node a, "a:1" the second; "^a", an order of execution, is null. */
export function nodeOutput(text: string): NodeOutput | null {
  if (text.startsWith('^')) return null;
  const [, node = text, index] = /^(.*):(\d+)$/s.exec(text) ?? [];
  return { node, index: Number(index ?? 0) };
}

/**
 * The nodes by name.
 * @throws PathwiseError BAD_FILE for a name given twice
 */
export function byName(nodes: readonly NodeDef[]): Map<string, NodeDef> {
  const map = new Map<string, NodeDef>();
  for (const node of nodes) {
    if (map.has(node.name)) {
      throw new PathwiseError('BAD_FILE', `node name "${node.name}" is given twice`, { node: node.name });
    }
    map.set(node.name, node);
  }
  return map;
}

/**
 * The nodes that `outputs` depend on, each after those that it reads.
 * @throws PathwiseError BAD_FILE for a cycle, or an input that no node is
 */
export function evaluationOrder(nodes: ReadonlyMap<string, NodeDef>, outputs: readonly string[]): NodeDef[] {
  const order: NodeDef[] = [];
  const state = new Map<string, 'open' | 'done'>();
  // A stack of its own: chains may be longer than calls may nest.
  const stack = outputs.toReversed().map((name) => ({ name, reader: '', next: 0 }));
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const { name, reader } = top;
    const node = nodes.get(name);
    if (node === undefined) {
      const where = reader === '' ? 'the signature' : `node "${reader}"`;
      throw new PathwiseError('BAD_FILE', `${where} reads "${name}", which no node is`, { node: reader });
    }
    const input = node.inputs[top.next++];
    if (top.next === 1 && state.get(name) === 'open') {
      throw new PathwiseError('BAD_FILE', `node "${name}" depends on itself`, { node: name });
    }
    if (state.get(name) === 'done') stack.pop();
    else if (input !== undefined) {
      state.set(name, 'open');
      stack.push({ name: input.node, reader: name, next: 0 });
    } else {
      state.set(name, 'done');
      order.push(node);
      stack.pop();
    }
  }
  return order;
}
