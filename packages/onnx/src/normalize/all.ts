import { without, type ImportNode, type Normalize, type NormalizeContext } from './normalize.ts';
import { cannot } from './normalize.ts';

const standard: Readonly<Record<string, Normalize | undefined>> = { __proto__: null as never };

/** A node in the meaning of opset 21. */
export function normalizeNode(node: ImportNode, domain: string, context: NormalizeContext): ImportNode {
  if (domain !== '') throw cannot(`the domain "${domain}" is not supported`);
  // Where an op may write over its input; no more in opset 6.
  const current = node.version < 6 ? without(node, 'consumed_inputs') : node;
  return standard[node.op]?.(current, context) ?? current;
}
