import { PathwiseError } from '@pathwise/model';
import { readDefinition, type GraphDefinition } from '../graph-model/definition.ts';
import type { NodeDef } from '../graph-model/node-def.ts';
import { Fields } from '../files/fields.ts';
import type { Json } from '../files/json.ts';
import { weightsOf } from '../files/weights.ts';
import { nodesOf, type LiveGraphModel } from '../live/live-graph-model.ts';
import type { Ending, Runner, RunnerInput, RunnerTensor } from './runner.ts';
import type { Tf, TfTensor } from './tf.ts';

/** Ops that ids may pass through on their way to the lookup. */
const CARRIES_IDS = new Set(['Identity', 'Cast', 'Reshape', 'ExpandDims', 'Squeeze', 'Snapshot']);

/** Runs a `tf.GraphModel`. */
export class GraphRunner implements Runner {
  readonly inputs: readonly RunnerInput[];
  readonly outputs: readonly RunnerTensor[];
  readonly #live: LiveGraphModel;
  readonly #definition: GraphDefinition;

  constructor(live: LiveGraphModel, label: string) {
    this.#live = live;
    const topology = new Fields({ node: nodesOf(live, label) }, label);
    this.#definition = readDefinition(label, topology, live.modelSignature as Json | undefined, weightsOf(new Map()));
    this.inputs = this.#definition.inputs.map(({ name, node, dtype, shape }) => {
      if (shape === null) {
        throw new PathwiseError('BAD_SHAPE', `input "${name}": the model does not declare its shape`, { tensor: name });
      }
      return { name, dtype, shape, embedding: dtype === 'int32' ? this.#embeddingOf(node) : null };
    });
    this.outputs = this.#definition.outputs.map(({ name }) => ({ name, dtype: 'float32', shape: [-1] }));
  }

  ending(output: string): Ending {
    let node = this.#nodeOf(output);
    for (; node?.op === 'Identity'; node = this.#definition.nodes.get(node.inputs[0]?.node ?? '')) continue;
    if (node?.op !== 'Softmax' && node?.op !== 'Sigmoid') return { op: 'other', before: null };
    return { op: node.op, before: node.inputs[0]?.node ?? null };
  }

  evaluate(_tf: Tf, fed: ReadonlyMap<string, TfTensor>, wanted: readonly string[]): TfTensor[] {
    const given = Object.fromEntries([...fed].map(([name, tensor]) => [this.#nameOf(name), tensor]));
    const names = wanted.map((name) => this.#nameOf(name));
    const result = this.#live.execute(given as never, names as never) as TfTensor | TfTensor[];
    return Array.isArray(result) ? result : [result];
  }

  /** The node behind a key of the signature, or one with its own name. */
  #nameOf(name: string): string {
    const { inputs, outputs } = this.#definition;
    const input = inputs.find((key) => key.name === name);
    if (input !== undefined) return input.node;
    const from = outputs.find((key) => key.name === name)?.from;
    return from === undefined ? name : `${from.node}:${from.index}`;
  }

  #nodeOf(output: string): NodeDef | undefined {
    const from = this.#definition.outputs.find(({ name }) => name === output)?.from;
    return this.#definition.nodes.get(from?.node ?? '');
  }

  /** The one lookup in weights that ids lead to. */
  #embeddingOf(node: string): string | null {
    const ids = new Set([node]);
    const lookups: string[] = [];
    for (let more = true; more;) {
      more = false;
      for (const { name, op, inputs } of this.#definition.nodes.values()) {
        if (ids.has(name) || !CARRIES_IDS.has(op) || !ids.has(inputs[0]?.node ?? '')) continue;
        ids.add(name);
        more = true;
      }
    }
    for (const { name, op, inputs } of this.#definition.nodes.values()) {
      if ((op === 'GatherV2' || op === 'Gather') && ids.has(inputs[1]?.node ?? '')) lookups.push(name);
    }
    return lookups.length === 1 ? (lookups[0] ?? null) : null;
  }
}
