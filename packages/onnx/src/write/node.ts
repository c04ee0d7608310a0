import { typeOf, type Graph, type Node } from '@pathwise/graph';
import type { Draft } from '../wire/encode.ts';
import type { NodeProto } from '../wire/messages.ts';
import { attributeDrafts } from './attributes.ts';

/** Ops of which the format wants every output named, used or not. */
const OUTPUTS: ReadonlyMap<string, number> = new Map([
  ['DynamicQuantizeLinear', 3],
  ['TopK', 2],
]);

/** Recurrent layers: readers want `hidden_size`, though the recurrent weights [directions, gates, hidden_size] tell it. */
const RECURRENT: ReadonlySet<string> = new Set(['GRU', 'LSTM', 'RNN']);

/** Ops of our own by what they compute: how they are differentiated is no matter of the file. */
const OWN: ReadonlyMap<string, string> = new Map([['StopGradient', 'Identity']]);

/** A node as the format wants it: graphs may leave out what can be inferred. */
export function nodeDraft(graph: Graph, node: Node, freshName: (base: string) => string): Draft<NodeProto> {
  const { name, op, inputs } = node;
  const least = OUTPUTS.get(op) ?? 0;
  const outputs = Array.from({ length: Math.max(node.outputs.length, least) }, (_, i) => {
    const output = node.outputs[i] ?? '';
    return output === '' && i < least ? freshName(`${name}.unused`) : output;
  });
  const attributes = attributeDrafts(node);
  if (op === 'Split' && (inputs[1] ?? '') === '' && node.attrs['num_outputs'] === undefined) {
    attributes.push({ name: 'num_outputs', type: 2, int: outputs.length });
  }
  if (RECURRENT.has(op) && node.attrs['hidden_size'] === undefined) {
    attributes.push({ name: 'hidden_size', type: 2, int: typeOf(graph, inputs[2] as string).shape[2] as number });
  }
  return { name, op: OWN.get(op) ?? op, inputs, outputs, attributes };
}
