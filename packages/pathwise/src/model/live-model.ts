import { argumentError, PathwiseError } from '@pathwise/model';
import { runLiveModel, type TfjsModel } from '@pathwise/tfjs';
import type { Backend } from './backend.ts';
import type { ModelInput } from './model-file.ts';

/**
 * A live model of TensorFlow.js that is run by TensorFlow.js: no graph, but a model all the same.
 * @param tf - the user's TensorFlow.js; default: the one that is installed
 * @throws PathwiseError BAD_ARGUMENT for models that TensorFlow.js has not loaded, and what `runLiveModel` throws
 */
export async function loadLive(input: ModelInput, tf: object | undefined): Promise<Backend> {
  const isLive = typeof input === 'object' && ('execute' in input || 'layers' in input);
  if (!isLive) {
    const advice = 'The engine tfjs runs what TensorFlow.js has loaded; for files use the engine wasm';
    throw argumentError('explainer', 'the model', 'a tf.LayersModel or tf.GraphModel', input, advice);
  }
  const live = input as Exclude<TfjsModel, { read: unknown }> as Parameters<typeof runLiveModel>[0];
  const model = await runLiveModel(live, tf === undefined ? {} : { tf });
  const name = 'name' in live && typeof live.name === 'string' ? live.name : 'model';
  const noGraph = (): never => {
    throw new PathwiseError(
      'UNSUPPORTED_OP',
      `${name}: a model that runs on the engine tfjs has no graph to look into`,
    );
  };
  const source = { name, inputs: model.inputs, outputs: model.outputs, graph: noGraph };
  return { file: { name, source, bytes: null }, model, dispose: () => model.dispose() };
}
