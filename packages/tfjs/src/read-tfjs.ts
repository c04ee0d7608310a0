import { argumentError } from '@pathwise/model';
import { isArtifacts, readArtifacts, type TfjsArtifacts } from './files/artifacts.ts';
import type { FileSource } from './files/file-source.ts';
import { isObject, parseJson } from './files/json.ts';
import { modelJson, type ModelJson } from './files/model-json.ts';
import { readWeights } from './files/read-weights.ts';
import type { Weights } from './files/weights.ts';
import { readDefinition } from './graph-model/definition.ts';
import { graphModelSource } from './graph-model/graph-model.ts';
import { importLayers } from './layers/import-layers.ts';
import { layersModel, type LayersModel } from './layers/layers-model.ts';
import { defaultLimits, type TfjsLimits } from './limits.ts';
import { isLiveGraphModel, readLiveGraphModel, type LiveGraphModel } from './live/live-graph-model.ts';
import { isLiveLayersModel, readLiveLayersModel, type LiveLayersModel } from './live/live-layers-model.ts';
import { ImportedSource } from './source/imported-source.ts';
import { inFile, type TfjsSource } from './source/tfjs-source.ts';

export interface TfjsOptions {
  /** Name of the model, for messages; default: the path of its file, or the name of a live model. */
  readonly name?: string;
  /** Path of model.json in the source of files; default model.json. */
  readonly path?: string;
  readonly limits?: Partial<TfjsLimits>;
}

/** Where a model comes from: its files, what `tf.io` handlers pass around, or a model that TensorFlow.js has loaded. */
export type TfjsModel = FileSource | TfjsArtifacts | LiveLayersModel | LiveGraphModel;

/**
 * Reads a TensorFlow.js model. TensorFlow.js itself is not needed, except to make a live model.
 *
 * @param model - a source of files with model.json in it (`filesInMemory`, `fileObjects`, `fetchedFiles` or your own),
 *   `tf.io.ModelArtifacts`, or a `tf.LayersModel` or `tf.GraphModel`, whose weights are copied as they are now
 * @throws PathwiseError BAD_FILE with the place, LIMIT_EXCEEDED, UNSUPPORTED_OP for what can be seen without building a
 *   graph, BAD_ARGUMENT for anything else
 */
export async function readTfjs(model: TfjsModel, options: TfjsOptions = {}): Promise<TfjsSource> {
  const limits = { ...defaultLimits, ...options.limits };
  if (isLiveLayersModel(model)) {
    const live = await readLiveLayersModel(model, options.name ?? model.name, limits);
    return layersSource(live, limits);
  }
  if (isLiveGraphModel(model)) {
    return graphModelSource(await readLiveGraphModel(model, options.name ?? 'model'), limits);
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
    if (format === 'layers-model') {
      return layersSource(layersModel(label, topology, fields.raw('generatedBy'), weights, limits), limits);
    }
    const metadata = fields.object('userDefinedMetadata', {});
    const signature = fields.raw('signature') ?? metadata.raw('signature');
    return graphModelSource(readDefinition(label, topology, signature, weights), limits);
  });
}

/** The first axis of a Keras model is always the batch. */
function layersSource(model: LayersModel, limits: TfjsLimits): ImportedSource {
  return new ImportedSource({
    format: 'layers-model',
    label: model.label,
    inputs: model.inputs,
    batched: true,
    bytes: model.weightBytes,
    limits,
    build: (shapes, how) => importLayers(model, shapes, limits, how),
  });
}
