import { argumentError } from '@pathwise/model';
import { isArtifacts, readArtifacts, type TfjsArtifacts } from './files/artifacts.ts';
import type { FileSource } from './files/file-source.ts';
import { isObject, parseJson } from './files/json.ts';
import { modelJson, type ModelJson } from './files/model-json.ts';
import { readWeights } from './files/read-weights.ts';
import type { Weights } from './files/weights.ts';
import { layersModel } from './layers/layers-model.ts';
import { LayersSource } from './layers/layers-source.ts';
import { defaultLimits, type TfjsLimits } from './limits.ts';
import { isLiveLayersModel, readLiveLayersModel, type LiveLayersModel } from './live/live-layers-model.ts';
import { inFile, type TfjsSource } from './source/tfjs-source.ts';

export interface TfjsOptions {
  /** Name of the model, for messages; default: the path of its file, or the name of a live model. */
  readonly name?: string;
  /** Path of model.json in the source of files; default model.json. */
  readonly path?: string;
  readonly limits?: Partial<TfjsLimits>;
}

/** Where a model comes from: its files, what `tf.io` handlers pass around, or a model that TensorFlow.js has loaded. */
export type TfjsModel = FileSource | TfjsArtifacts | LiveLayersModel;

/**
 * Reads a TensorFlow.js model. TensorFlow.js itself is not needed, except to make a live model.
 *
 * @param model - a source of files with model.json in it (`filesInMemory`, `fileObjects`, `fetchedFiles` or your own),
 *   `tf.io.ModelArtifacts`, or a `tf.LayersModel`, whose weights are copied as they are now
 * @throws PathwiseError BAD_FILE with the place, LIMIT_EXCEEDED, UNSUPPORTED_OP for what can be seen without building a
 *   graph, BAD_ARGUMENT for anything else
 */
export async function readTfjs(model: TfjsModel, options: TfjsOptions = {}): Promise<TfjsSource> {
  const limits = { ...defaultLimits, ...options.limits };
  if (isLiveLayersModel(model)) {
    const live = await readLiveLayersModel(model, options.name ?? model.name, limits);
    return new LayersSource(live, limits);
  }
  if (isArtifacts(model)) {
    const name = options.name ?? 'model';
    const { json, weights } = inFile(name, () => readArtifacts(model, name, limits));
    return sourceOf(json, weights, limits);
  }
  if (!isObject(model) || typeof model.read !== 'function') {
    throw argumentError('readTfjs', 'the model', 'a source of files, model artifacts or a live model', model);
  }
  const { path = 'model.json', name = path } = options;
  const parsed = parseJson(await model.read(path, limits.jsonBytes), name, limits);
  const json = inFile(name, () => modelJson(parsed, name, limits));
  return sourceOf(json, await readWeights(json.groups, model, limits), limits);
}

function sourceOf({ label, fields, topology, format }: ModelJson, weights: Weights, limits: TfjsLimits): TfjsSource {
  return inFile(label, () => {
    if (format === 'graph-model') throw argumentError('readTfjs', 'the model', 'a layers model', format);
    return new LayersSource(layersModel(label, topology, fields.raw('generatedBy'), weights, limits), limits);
  });
}
