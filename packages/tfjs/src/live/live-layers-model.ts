import { argumentError, PathwiseError, type Tensor } from '@pathwise/model';
import { Fields } from '../files/fields.ts';
import { isObject, type Json } from '../files/json.ts';
import { weightsOf } from '../files/weights.ts';
import { layersModel, type LayersModel } from '../layers/layers-model.ts';
import type { TfjsLimits } from '../limits.ts';
import { readLiveTensor, type LiveTensor } from './live-tensor.ts';

/** What of a `tf.LayersModel` is used: its configuration as `model.save` writes it, and its weights. */
export interface LiveLayersModel {
  readonly name: string;
  readonly layers: readonly unknown[];
  readonly weights: readonly { readonly originalName: string; read(): LiveTensor }[];
  toJSON(unused: null, returnString: false): unknown;
}

/** Recognises a `tf.LayersModel` (a `tf.Sequential` too) by what it has. */
export function isLiveLayersModel(value: unknown): value is LiveLayersModel {
  return isObject(value) && Array.isArray(value['layers']) && typeof value['toJSON'] === 'function';
}

/**
 * Reads a model that TensorFlow.js holds: a copy of its weights as they are now.
 * @throws PathwiseError BAD_ARGUMENT for a model that was not built, UNSUPPORTED_OP for custom layers by name
 */
export async function readLiveLayersModel(
  live: LiveLayersModel,
  label: string,
  limits: TfjsLimits,
): Promise<LayersModel> {
  const [json, variables] = builtParts(live, label);
  const tensors = new Map<string, Tensor>();
  for (const variable of variables) {
    const name = variable.originalName;
    if (tensors.has(name)) throw new PathwiseError('BAD_FILE', `two weights are called "${name}"`, { tensor: name });
    tensors.set(name, await readLiveTensor(variable.read(), name));
  }
  return layersModel(label, new Fields(json, label), undefined, weightsOf(tensors), limits);
}

function builtParts(live: LiveLayersModel, label: string): readonly [Json, LiveLayersModel['weights']] {
  try {
    return [live.toJSON(null, false) as Json, live.weights];
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const { message } = argumentError(
      label,
      'the model',
      'one that was built',
      why,
      'Give its first layer an inputShape',
    );
    throw new PathwiseError('BAD_ARGUMENT', message, {}, { cause });
  }
}
