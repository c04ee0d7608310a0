import { float32, type Feeds, type Tensor } from '@pathwise/model';
import { graphModel, referenceEngine } from '@pathwise/ops';
import { readTfjs, type TfjsArtifacts, type TfjsOptions, type TfjsSource } from '../src/index.ts';

export type Config = Readonly<Record<string, unknown>>;

/** A layer as a file has it; without `inbound` it follows the one before. */
export interface LayerJson {
  readonly class_name: string;
  readonly config: Config;
  readonly inbound?: unknown;
}

/** A weight: its name, shape and values. */
export type WeightOf = readonly [name: string, shape: readonly number[], values: ArrayLike<number>];

/** A layer with a name made from its class. */
export function layer(class_name: string, config: Config = {}, inbound?: unknown): LayerJson {
  return {
    class_name,
    config: { name: class_name.toLowerCase(), ...config },
    ...(inbound !== undefined && { inbound }),
  };
}

/** A Keras 2 functional model: inputs by name with their shapes, then layers. */
export function functional(
  inputs: Readonly<Record<string, readonly (number | null)[]>>,
  layers: readonly LayerJson[],
  { version = '2.15.0', outputs }: { readonly version?: string; readonly outputs?: unknown } = {},
): object {
  const ends = Object.keys(inputs).map((name) => [name, 0, 0]);
  let last: readonly unknown[] = ends;
  const json = layers.map(({ class_name, config, inbound }) => {
    const call = inbound ?? [last.map((end) => [...(end as unknown[]), {}])];
    last = [[config['name'], 0, 0]];
    return { class_name, name: config['name'], config, inbound_nodes: call };
  });
  const first = Object.entries(inputs).map(([name, shape]) => ({
    class_name: 'InputLayer',
    name,
    config: { name, batch_input_shape: [null, ...shape], dtype: 'float32' },
    inbound_nodes: [],
  }));
  const config = { name: 'm', layers: [...first, ...json], input_layers: ends, output_layers: outputs ?? last };
  return { keras_version: version, model_config: { class_name: 'Functional', config } };
}

export function artifacts(modelTopology: object, weights: readonly WeightOf[] = []): TfjsArtifacts {
  return {
    modelTopology,
    weightSpecs: weights.map(([name, shape]) => ({ name, shape, dtype: 'float32' })),
    weightData: weights.map(([, , values]) => Float32Array.from(values).buffer),
  };
}

export function read(
  topology: object,
  weights: readonly WeightOf[] = [],
  options: TfjsOptions = {},
): Promise<TfjsSource> {
  return readTfjs(artifacts(topology, weights), { name: 'test', ...options });
}

/** The outputs of a model for inputs by name: shape without the batch of one, and values. */
export async function run(
  topology: object,
  weights: readonly WeightOf[],
  inputs: Readonly<Record<string, readonly [shape: readonly number[], values: ArrayLike<number>]>>,
): Promise<{ shape: readonly number[]; values: number[] }[]> {
  const source = await read(topology, weights);
  const feeds: Feeds = Object.fromEntries(
    Object.entries(inputs).map(([name, [shape, values]]): [string, Tensor] => [name, float32([1, ...shape], values)]),
  );
  const model = graphModel(source, referenceEngine);
  const results = await model.forward(feeds);
  return source.outputs.map(({ name }) => {
    const { shape, data } = results[name]!;
    return { shape: shape.slice(1), values: Array.from(data, Number) };
  });
}
