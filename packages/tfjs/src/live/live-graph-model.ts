import { argumentError, type Tensor } from '@pathwise/model';
import { Fields } from '../files/fields.ts';
import { isObject, type Json } from '../files/json.ts';
import { weightsOf } from '../files/weights.ts';
import { readDefinition, type GraphDefinition } from '../graph-model/definition.ts';
import { readLiveTensor, type LiveTensor } from './live-tensor.ts';

/** What of a `tf.GraphModel` is used. Its nodes are private there: they are taken as they are found. */
export interface LiveGraphModel {
  readonly weights: Readonly<Record<string, readonly LiveTensor[]>>;
  readonly modelSignature?: unknown;
  execute(inputs: never, outputs?: never): unknown;
}

/** Recognises a `tf.GraphModel` by what it has. */
export function isLiveGraphModel(value: unknown): value is LiveGraphModel {
  return isObject(value) && typeof value['execute'] === 'function' && isObject(graphOf(value));
}

function graphOf(model: object): Json | undefined {
  const { executor } = model as { readonly executor?: { readonly graph?: Json } };
  return executor?.graph;
}

/**
 * Reads a graph model that TensorFlow.js holds: a copy of its weights as they are now.
 * @throws PathwiseError BAD_ARGUMENT for a model that was not loaded, BAD_FILE, UNSUPPORTED_OP
 */
export async function readLiveGraphModel(live: LiveGraphModel, label: string): Promise<GraphDefinition> {
  const tensors = new Map<string, Tensor>();
  for (const [name, [tensor]] of Object.entries(live.weights)) {
    if (tensor !== undefined) tensors.set(name, await readLiveTensor(tensor, name));
  }
  const topology = new Fields({ node: nodesOf(live, label) }, label);
  return readDefinition(label, topology, live.modelSignature as Json | undefined, weightsOf(tensors));
}

/** The nodes as in the file: where the model keeps that, from there, else from what was made of it. */
export function nodesOf(live: object, label: string): readonly Json[] {
  const { artifacts } = live as { readonly artifacts?: { readonly modelTopology?: Json } };
  const topology = artifacts?.modelTopology;
  const file = isObject(topology) ? topology['node'] : undefined;
  if (Array.isArray(file)) return file as readonly Json[];
  const graph = graphOf(live);
  const nodes = isObject(graph) ? graph['nodes'] : undefined;
  if (!isObject(nodes)) throw argumentError('readTfjs', 'the model', 'a graph model that was loaded', label);
  return Object.entries(nodes).map(([name, node]) => {
    const fields = new Fields(node, `node "${name}"`);
    // Orders of execution have lost their mark here; they lead to nodes without values.
    const input = fields.array('inputNames', []).filter((text) => !isOrder(nodes, text));
    return { name, op: fields.string('op'), input, attr: fields.raw('rawAttrs') ?? {} };
  });
}

function isOrder(nodes: Json, text: Json): boolean {
  const node = isObject(nodes) && typeof text === 'string' && Object.hasOwn(nodes, text) ? nodes[text] : undefined;
  return isObject(node) && (node['op'] === 'NoOp' || node['op'] === 'Assert');
}
