import { fileError, PathwiseError, type DType } from '@pathwise/model';
import type { Fields } from '../files/fields.ts';
import { isObject, type Json } from '../files/json.ts';
import type { Weights } from '../files/weights.ts';
import { writerOf, type Writer } from '../files/writer.ts';
import type { DeclaredInput } from '../source/declared-inputs.ts';
import { limitError, type TfjsLimits } from '../limits.ts';
import { WeightIndex } from './layer-weights.ts';
import type { KerasLayer, KerasModel, TensorOf } from './topology/keras-model.ts';
import { parseModel, tensorsOf } from './topology/parse-model.ts';

/** A layers model that was read and checked; weights are looked up while a graph is built. */
export interface LayersModel {
  readonly label: string;
  readonly model: KerasModel;
  readonly writer: Writer;
  readonly weights: WeightIndex;
  /** Bytes of all weights. */
  readonly weightBytes: number;
  readonly inputs: readonly DeclaredInput[];
}

/**
 * Reads the topology of a layers model.
 * @param topology - `modelTopology`: {class_name, config}, or with these under `model_config`
 * @throws PathwiseError BAD_FILE, LIMIT_EXCEEDED, UNSUPPORTED_OP
 */
export function layersModel(
  label: string,
  topology: Fields,
  generatedBy: Json | undefined,
  weights: Weights,
  limits: TfjsLimits,
): LayersModel {
  const inner = topology.has('model_config') ? topology.object('model_config') : topology;
  const json = { class_name: inner.string('class_name'), config: inner.raw('config') ?? null };
  const model = parseModel(json, `${label}: modelTopology`);
  const calls = countCalls(model);
  if (calls > limits.nodes) throw limitError('nodes', `${label}: ${calls} calls of layers`, limits.nodes);
  if (model.inputs.length === 0) throw fileError(label, 'the model has no inputs');
  if (model.outputs.length === 0) throw fileError(label, 'the model has no outputs');
  const version = topology.raw('keras_version') ?? inner.raw('keras_version');
  const writer = writerOf(version, generatedBy, hasKeras3Keys(model));
  const channelsFirst = isChannelsFirst(model);
  return {
    label,
    model,
    writer,
    weights: new WeightIndex(weights, model),
    weightBytes: weights.bytes,
    inputs: model.inputs.map((tensor) => ({ ...inputOf(model, tensor), channelsFirst })),
  };
}

/** Calls of layers once nested models stand in place of their calls. */
function countCalls({ layers }: KerasModel): number {
  let count = 0;
  for (const { calls, model } of layers.values()) count += calls.length * (model === null ? 1 : countCalls(model));
  return count;
}

function hasKeras3Keys({ layers }: KerasModel): boolean {
  return [...layers.values()].some(
    ({ config, className }) =>
      (className === 'InputLayer' && config.has('batch_shape')) || isObject(config.raw('dtype')),
  );
}

function inputOf(model: KerasModel, { layer: name }: TensorOf): DeclaredInput {
  const layer = model.layers.get(name) as KerasLayer;
  const { config } = layer;
  const place = { node: name, op: layer.className };
  if (layer.className !== 'InputLayer') {
    throw new PathwiseError('BAD_FILE', `input "${name}" of the model is a layer of class ${layer.className}`, place);
  }
  const json = config.raw('batch_input_shape') ?? config.raw('batch_shape');
  if (!Array.isArray(json) || json.length === 0) {
    const advice = 'Save the model after it was built: it does not say the shape of its input';
    throw new PathwiseError('BAD_FILE', `input "${name}" has no shape. ${advice}`, place);
  }
  for (const key of ['sparse', 'ragged']) {
    if (config.boolean(key, false)) {
      throw new PathwiseError('UNSUPPORTED_OP', `input "${name}" is ${key}, which is not supported`, place);
    }
  }
  const shape = (json as readonly Json[]).map((d, axis) => {
    if (axis === 0 || d === null || d === -1) return -1;
    if (typeof d !== 'number' || !Number.isSafeInteger(d) || d < 0)
      throw config.error('batch_input_shape', 'sizes or null', json);
    return d;
  });
  return { name, dtype: dtypeOf(model, layer), shape };
}

/** Whether a model has its channels second: its layers say so. */
function isChannelsFirst({ layers }: KerasModel): boolean {
  return [...layers.values()].some(
    ({ config, model }) => config.raw('data_format') === 'channels_first' || (model !== null && isChannelsFirst(model)),
  );
}

const TYPES: ReadonlyMap<string, DType> = new Map([
  ['float32', 'float32'],
  ['float64', 'float64'],
  ['float16', 'float32'],
  ['bfloat16', 'float32'],
  ['int32', 'int32'],
  ['int64', 'int64'],
  ['uint8', 'uint8'],
  ['int8', 'int8'],
  ['bool', 'bool'],
]);

/** Inputs that only embeddings read hold ids, whatever the file says. */
function dtypeOf(model: KerasModel, { name, config }: KerasLayer): DType {
  const readers = [...model.layers.values()].filter(({ calls }) =>
    calls.some((call) => tensorsOf(call).some(({ layer }) => layer === name)),
  );
  if (readers.length > 0 && readers.every(({ className }) => className === 'Embedding')) return 'int32';
  const json = config.raw('dtype');
  const word = json === undefined ? 'float32' : policyOf(json);
  const dtype = TYPES.get(word ?? '');
  if (dtype === undefined) throw config.error('dtype', [...TYPES.keys()].join(', '), json);
  return dtype;
}

/** A type's name, from a word or from a policy as Keras 3 writes it. */
export function policyOf(json: Json): string | null {
  if (typeof json === 'string') return json;
  if (!isObject(json)) return null;
  const { config } = json;
  return isObject(config) && typeof config['name'] === 'string' ? config['name'] : null;
}
