import { PathwiseError } from '@pathwise/model';
import type { FileSource } from './files/file-source.ts';
import { parseJson } from './files/json.ts';
import { modelJson } from './files/model-json.ts';
import { readWeights } from './files/read-weights.ts';
import { layersModel } from './layers/layers-model.ts';
import { LayersSource } from './layers/layers-source.ts';
import { defaultLimits, type TfjsLimits } from './limits.ts';
import { inFile, type TfjsSource } from './source/tfjs-source.ts';

export interface TfjsOptions {
  /** Name of the model, for messages; default: the path of its file. */
  readonly name?: string;
  /** Path of model.json in the source of files. */
  readonly path?: string;
  readonly limits?: Partial<TfjsLimits>;
}

/**
 * Reads a TensorFlow.js model: model.json and the weight files that it names.
 *
 * @param files - where the files are: in memory, `File` objects, behind a URL, or of your own
 * @throws PathwiseError BAD_FILE with the place, LIMIT_EXCEEDED, UNSUPPORTED_OP for what can be seen without building a graph
 */
export async function readTfjs(files: FileSource, options: TfjsOptions = {}): Promise<TfjsSource> {
  const { path = 'model.json', name = path } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const json = parseJson(await files.read(path, limits.jsonBytes), name, limits);
  const model = inFile(name, () => modelJson(json, name, limits));
  const weights = await readWeights(model.groups, files, limits);
  return inFile(name, () => {
    if (model.format === 'graph-model') throw new PathwiseError('UNSUPPORTED_OP', 'graph models are not read yet');
    return new LayersSource(
      layersModel(name, model.topology, model.fields.raw('generatedBy'), weights, limits),
      limits,
    );
  });
}
