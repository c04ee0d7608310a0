import { PathwiseError } from '@pathwise/model';
import { Fields } from '../files/fields.ts';
import { isObject, type Json } from '../files/json.ts';
import type { Weights } from '../files/weights.ts';
import type { DeclaredInput } from '../source/declared-inputs.ts';
import { NodeAttrs, dtypeOf, shapeOf } from './node-attrs.ts';
import { byName, nodeOutput, type NodeDef, type NodeOutput } from './node-def.ts';

/** An input by the key it has in the signature, and the node that it feeds. */
export interface GraphInput extends DeclaredInput {
  readonly node: string;
}

/** An output by its key, and what computes it. */
export interface GraphOutput {
  readonly name: string;
  readonly from: NodeOutput;
}

/** A graph model: its nodes, and what goes in and out. */
export interface GraphDefinition {
  /** Name of the file, for messages. */
  readonly label: string;
  readonly nodes: ReadonlyMap<string, NodeDef>;
  readonly inputs: readonly GraphInput[];
  readonly outputs: readonly GraphOutput[];
  readonly weights: Weights;
}

/**
 * Reads the topology of a graph model.
 * @param signature - `signature` of the file, or `userDefinedMetadata.signature`
 * @throws PathwiseError BAD_FILE, UNSUPPORTED_OP for types that graphs do not have
 */
export function readDefinition(
  label: string,
  topology: Fields,
  signature: Json | undefined,
  weights: Weights,
): GraphDefinition {
  const nodes = byName(topology.array('node').map((json, i) => readNode(json, `${label}: node ${i}`)));
  return { label, nodes, weights, ...endsOf(nodes, signature, label) };
}

function readNode(json: Json, where: string): NodeDef {
  const fields = new Fields(json, where);
  const inputs = fields.array('input', []).map((input) => {
    if (typeof input !== 'string') throw fields.error('input', 'a list of texts', input);
    return nodeOutput(input);
  });
  return {
    name: fields.string('name'),
    op: fields.string('op'),
    inputs: inputs.filter((input) => input !== null),
    attrs: new NodeAttrs(fields.raw('attr')),
  };
}

/** Inputs and outputs by the signature; without one, the placeholders and the nodes that nobody reads. */
export function endsOf(
  nodes: ReadonlyMap<string, NodeDef>,
  signature: Json | undefined,
  label: string,
): Pick<GraphDefinition, 'inputs' | 'outputs'> {
  const listed = isObject(signature) ? new Fields(signature, `${label}: signature`) : undefined;
  const inputs = listed?.has('inputs') === true ? signatureInputs(listed.object('inputs'), nodes) : [];
  const outputs = listed?.has('outputs') === true ? signatureOutputs(listed.object('outputs')) : [];
  const declared = inputs.length > 0 ? inputs : placeholders(nodes);
  return {
    inputs: declared.map((input) => ({ ...input, channelsFirst: isChannelsFirst(input, nodes) })),
    outputs: outputs.length > 0 ? outputs : unread(nodes),
  };
}

/**
 * Whether an image has its channels second: the model's nodes say so, or it is the first thing that they change (as in
 * models converted from PyTorch).
 */
function isChannelsFirst({ node }: GraphInput, nodes: ReadonlyMap<string, NodeDef>): boolean {
  const all = [...nodes.values()];
  if (all.some(({ attrs }) => attrs.has('data_format') && attrs.string('data_format').startsWith('NC'))) return true;
  const readers = all.filter(({ inputs }) => inputs.some((input) => input.node === node));
  return readers.length > 0 && readers.every(({ op }) => op === 'Transpose');
}

function signatureInputs(keys: Fields, nodes: ReadonlyMap<string, NodeDef>): GraphInput[] {
  return keys.keys().map((name) => {
    const info = keys.object(name);
    const from = nodeOutput(info.string('name', name));
    const node = from === null ? undefined : nodes.get(from.node);
    if (node === undefined) throw info.error('name', 'the name of a node', info.raw('name'));
    const declared = shapeOf(info.raw('tensorShape')) ?? node.attrs.shape('shape');
    const dtype = info.has('dtype') ? dtypeOf(info.raw('dtype'), `input "${name}"`) : typeOfPlaceholder(node);
    return { name, node: node.name, dtype, shape: declared };
  });
}

function signatureOutputs(keys: Fields): GraphOutput[] {
  return keys.keys().map((name) => {
    const info = keys.object(name);
    const from = nodeOutput(info.string('name', name));
    if (from === null) throw info.error('name', 'the name of a node', info.raw('name'));
    return { name, from };
  });
}

function placeholders(nodes: ReadonlyMap<string, NodeDef>): GraphInput[] {
  return [...nodes.values()]
    .filter(({ op }) => op === 'Placeholder')
    .map((node) => ({
      name: node.name,
      node: node.name,
      dtype: typeOfPlaceholder(node),
      shape: node.attrs.shape('shape'),
    }));
}

function typeOfPlaceholder(node: NodeDef): GraphInput['dtype'] {
  try {
    return node.attrs.dtype('dtype', 'float32');
  } catch (error) {
    if (!(error instanceof PathwiseError)) throw error;
    throw new PathwiseError(error.code, `input "${node.name}": ${error.message}`, { node: node.name });
  }
}

function unread(nodes: ReadonlyMap<string, NodeDef>): GraphOutput[] {
  const read = new Set([...nodes.values()].flatMap(({ inputs }) => inputs.map((input) => input.node)));
  return [...nodes.keys()]
    .filter((name) => !read.has(name) && !['Const', 'NoOp', 'Placeholder'].includes(nodes.get(name)?.op ?? ''))
    .map((name) => ({ name, from: { node: name, index: 0 } }));
}
