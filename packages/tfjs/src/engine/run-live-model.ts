import { argumentError, type DifferentiableModel } from '@pathwise/model';
import { isLiveGraphModel, type LiveGraphModel } from '../live/live-graph-model.ts';
import { isLiveLayersModel, type LiveLayersModel } from '../live/live-layers-model.ts';
import { GraphRunner } from './graph-runner.ts';
import { LayersRunner, type RunnableLayersModel } from './layers-runner.ts';
import { tfOf } from './tf.ts';
import { TfjsModel } from './tfjs-model.ts';

export interface LiveModelOptions {
  /**
   * The TensorFlow.js that the model runs in: `import * as tf from '@tensorflow/tfjs'` or `…/tfjs-core`. Default: the
   * installed `@tensorflow/tfjs-core`, where modules can be found by name.
   */
  readonly tf?: object;
}

/**
 * A live model run by TensorFlow.js itself, on the backend that is set there (which stays as it is). For custom layers,
 * and for backends such as webgl; `readTfjs` is faster, and right where some kernels of TensorFlow.js are not.
 *
 * Kernels that are known to be wrong are refused. Before a gradient is used for the first time it is compared with
 * differences, which takes 36 evaluations.
 *
 * @param model - a `tf.LayersModel` or a `tf.GraphModel`; it is not copied, and stays the caller's to dispose of
 * @throws PathwiseError ENGINE_UNAVAILABLE without TensorFlow.js, UNSUPPORTED_OP, BAD_SHAPE, BAD_ARGUMENT
 */
export async function runLiveModel(
  model: LiveLayersModel | LiveGraphModel,
  { tf: given }: LiveModelOptions = {},
): Promise<DifferentiableModel> {
  const tf = await tfOf(given);
  if (isLiveLayersModel(model)) return new TfjsModel(tf, new LayersRunner(model as unknown as RunnableLayersModel));
  if (isLiveGraphModel(model)) return new TfjsModel(tf, new GraphRunner(model, 'model'));
  throw argumentError('runLiveModel', 'the model', 'a tf.LayersModel or tf.GraphModel', model);
}
