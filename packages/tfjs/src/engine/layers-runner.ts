import { PathwiseError } from '@pathwise/model';
import { dtypeOf, type Ending, type Runner, type RunnerInput, type RunnerTensor } from './runner.ts';
import type { Tf, TfTensor } from './tf.ts';

/** A tensor of a Keras model before it has values. */
interface SymbolicTensor {
  readonly name: string;
  readonly shape: readonly (number | null)[];
  readonly dtype: string;
  readonly sourceLayer: RunnableLayer;
}

interface RunnableLayer {
  readonly name: string;
  readonly inboundNodes: readonly { readonly inputTensors: readonly SymbolicTensor[] }[];
  call(inputs: unknown, kwargs: unknown): TfTensor | TfTensor[];
  getClassName(): string;
  getConfig(): Readonly<Record<string, unknown>>;
}

/** What of a `tf.LayersModel` is used to run it. */
export interface RunnableLayersModel {
  readonly layers: readonly RunnableLayer[];
  readonly inputs: readonly SymbolicTensor[];
  readonly outputs: readonly SymbolicTensor[];
  apply(inputs: TfTensor | readonly TfTensor[], kwargs?: object): TfTensor | TfTensor[];
}

/** Runs a `tf.LayersModel`, with whatever layers of the user's it has. */
export class LayersRunner implements Runner {
  readonly inputs: readonly RunnerInput[];
  readonly outputs: readonly RunnerTensor[];
  readonly #live: RunnableLayersModel;

  constructor(live: RunnableLayersModel) {
    this.#live = live;
    this.inputs = live.inputs.map((input) => {
      const embedding = this.#embeddingOf(input);
      const dtype = embedding === null ? dtypeOf(input.dtype) : 'int32';
      return { name: input.sourceLayer.name, dtype, shape: sizesOf(input), embedding };
    });
    this.outputs = live.outputs.map((output) => ({
      name: output.sourceLayer.name,
      dtype: dtypeOf(output.dtype),
      shape: sizesOf(output),
    }));
  }

  ending(output: string): Ending {
    const layer = this.#live.outputs.find(({ sourceLayer }) => sourceLayer.name === output)?.sourceLayer;
    const activation = layer?.getConfig()['activation'];
    if (layer?.getClassName() === 'Softmax' || activation === 'softmax') return { op: 'Softmax', before: null };
    return { op: activation === 'sigmoid' ? 'Sigmoid' : 'other', before: null };
  }

  evaluate(tf: Tf, fed: ReadonlyMap<string, TfTensor>, wanted: readonly string[]): TfTensor[] {
    const { layers } = this.#live;
    const outputNames = this.outputs.map(({ name }) => name);
    const read = new Map<string, TfTensor>();
    const patched = layers.filter(({ name }) => this.#isEmbedding(name) && (fed.has(name) || wanted.includes(name)));
    const restores = patched.map((layer) => patchCall(layer, tf, fed.get(layer.name), read));
    try {
      const inputs = this.inputs.map(({ name }) => fed.get(name) ?? this.#placeholder(tf, name, fed));
      const result = this.#live.apply(inputs.length === 1 ? (inputs[0] as TfTensor) : inputs, { training: false });
      const outputs = Array.isArray(result) ? result : [result];
      return wanted.map((name) => {
        const kept = read.get(name);
        if (kept !== undefined) return tf.clone(kept);
        const value = outputs[outputNames.indexOf(name)];
        if (value !== undefined) return value;
        throw new PathwiseError('BAD_ARGUMENT', `engine "tfjs" does not read the tensor "${name}"`, { tensor: name });
      });
    } finally {
      for (const restore of restores) restore();
      tf.dispose([...read.values()]);
    }
  }

  #isEmbedding(name: string): boolean {
    return this.inputs.some(({ embedding }) => embedding === name);
  }

  /** Ids whose embeddings are given: zeros in their shape. */
  #placeholder(tf: Tf, name: string, fed: ReadonlyMap<string, TfTensor>): TfTensor {
    const input = this.inputs.find((known) => known.name === name);
    const value = fed.get(input?.embedding ?? '');
    if (value === undefined) {
      throw new PathwiseError('BAD_ARGUMENT', `input "${name}" was not given; the model needs it`, { tensor: name });
    }
    const shape = value.shape.slice(0, -1);
    return tf.tensor(new Float32Array(shape.reduce((size, d) => size * d, 1)), shape, 'float32');
  }

  /** The one Embedding, called once, that reads an input. */
  #embeddingOf(input: SymbolicTensor): string | null {
    const readers = this.#live.layers.filter(({ inboundNodes }) =>
      inboundNodes.some(({ inputTensors }) => inputTensors.some(({ name }) => name === input.name)),
    );
    const [only, ...others] = readers;
    const isLookup = only?.getClassName() === 'Embedding' && only.inboundNodes.length === 1;
    return isLookup && others.length === 0 ? only.name : null;
  }
}

/**
 * Lets a layer give another value for one run, or keeps which it gave. The model disposes of what a layer returns, so
 * it gets a copy.
 */
function patchCall(layer: RunnableLayer, tf: Tf, value: TfTensor | undefined, read: Map<string, TfTensor>): () => void {
  const own = Object.getOwnPropertyDescriptor(layer, 'call');
  const call = layer.call.bind(layer);
  layer.call = (inputs, kwargs) => {
    const made = value ?? ([call(inputs, kwargs)].flat()[0] as TfTensor);
    read.set(layer.name, tf.keep(tf.clone(made)));
    return tf.add(made, 0);
  };
  return () => {
    if (own === undefined) Reflect.deleteProperty(layer, 'call');
    else Object.defineProperty(layer, 'call', own);
  };
}

function sizesOf({ shape }: SymbolicTensor): number[] {
  return shape.map((size) => size ?? -1);
}
