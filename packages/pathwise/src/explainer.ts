import {
  PathwiseError,
  throwIfAborted,
  type Attribution,
  type DifferentiableModel,
  type InputInfo,
  type Support,
  type TensorInfo,
} from '@pathwise/model';
import { attribute, methodById, supportOf, type AttributionRequest } from '@pathwise/attribution';
import type { Engine } from '@pathwise/graph';
import { host as ownHost } from '#host';
import type { Host } from './host/host.ts';
import { prepareInput, type PreparedInput } from './input/prepare.ts';
import type { ExplainInput } from './input/value.ts';
import type { Backend } from './model/backend.ts';
import type { EngineName } from './model/engines.ts';
import { loadGraph } from './model/load-graph.ts';
import { loadLive } from './model/live-model.ts';
import { warningsOf, type LoadedModel, type ModelInput } from './model/model-file.ts';
import { rankClasses, type Prediction } from './prediction.ts';
import { writtenLayout } from './model/written-layout.ts';
import { resolvePreprocessing, type Preprocessing, type PreprocessingName } from './preprocess/recipe.ts';

export interface ExplainerOptions {
  /**
   * Default `auto`: `wasm` (float32) where it has kernels for the model, else `reference` (float64), with a warning; exact
   * mode always takes `reference`.
   */
  readonly engine?: EngineName | Engine;
  /**
   * For the engine `tfjs`: the TensorFlow.js that the live model runs in, `import * as tf from '@tensorflow/tfjs'`.
   * Default: the one that is installed.
   */
  readonly tf?: object;
  /**
   * Threads that evaluate points of a path, each with the model in memory of its own; the results are the same, bit for
   * bit. Default 1: none but the caller's.
   */
  readonly workers?: number;
  /** Bytes that the engine may use. */
  readonly maxBytes?: number;
  /** How images become inputs. Default: size and layout from the model, pixels divided by 255, with a warning. */
  readonly preprocess?: PreprocessingName | Preprocessing;
  /** Class names: `labels[k]` is the name of element k of the output. */
  readonly labels?: readonly string[];
  /**
   * Reads the files that models and inputs are named by, and those beside them: for files that were dropped on a page,
   * archives, stores. Default: the file system in Node, `fetch` elsewhere.
   */
  readonly readFile?: (path: string) => Promise<Uint8Array>;
}

/** What is asked: a method, and the request of that method. */
export interface ExplainOptions extends Omit<AttributionRequest, 'inputs'> {
  /** Default `integrated-gradients`. */
  readonly method?: string;
}

/** A model that explains itself: call it with an input. */
export interface Explainer {
  /**
   * Attributes the output to the input.
   * @throws PathwiseError BAD_FILE, BAD_SHAPE, BAD_ARGUMENT, UNSUPPORTED_METHOD, NON_FINITE, CANCELLED
   */
  (input: ExplainInput | PreparedInput, options?: ExplainOptions): Promise<Attribution>;
  /** The outputs for an input, and the classes with the largest values. */
  predict(
    input: ExplainInput | PreparedInput,
    options?: { readonly output?: string; readonly top?: number; readonly signal?: AbortSignal },
  ): Promise<Prediction>;
  /** Reads and preprocesses an input once, for several calls and for pictures over the resized image. */
  prepare(input: ExplainInput): Promise<PreparedInput>;
  /** Whether the model can be explained by a method; otherwise the ops in the way. */
  supports(method: string): Support;
  readonly inputs: readonly InputInfo[];
  readonly outputs: readonly TensorInfo[];
  readonly labels: readonly string[] | undefined;
  readonly model: DifferentiableModel;
  readonly file: LoadedModel;
  dispose(): void;
}

const DEFAULT_METHOD = 'integrated-gradients';

/**
 * Loads a model and makes it explainable.
 *
 * @param model - path or URL of an .onnx file or of a TensorFlow.js model.json, an .onnx file's bytes, the files of a
 *   model.json, a live TensorFlow.js model, or a graph built by hand
 * @throws PathwiseError BAD_FILE, LIMIT_EXCEEDED, UNSUPPORTED_OP, ENGINE_UNAVAILABLE
 *
 * @example
 * ```ts
 * import { explainer, graphBuilder } from 'pathwise';
 * const b = graphBuilder();
 * const x = b.input('x', [1, 2]);
 * const y = b.reduceSum(b.mul(x, x), [1], true);
 * const explain = await explainer(b.build([y]));
 * const { attributions, convergenceDelta } = await explain([[1, 2]], { steps: 1, target: 0 });
 * attributions.x?.data; // => [1, 4]
 * convergenceDelta; // => [0]
 * ```
 */
export async function explainer(model: ModelInput, options: ExplainerOptions = {}): Promise<Explainer> {
  const { labels, maxBytes } = options;
  const preprocessing = options.preprocess === undefined ? undefined : resolvePreprocessing(options.preprocess);
  const host: Host = options.readFile === undefined ? ownHost : { readFile: options.readFile };
  const backend: Backend =
    options.engine === 'tfjs' ? await loadLive(model, options.tf) : await loadGraph(model, host, options);
  const { file, model: loaded } = backend;
  const layout = writtenLayout(file.source);

  const prepare = (input: ExplainInput | PreparedInput): Promise<PreparedInput> =>
    isPrepared(input) ? Promise.resolve(input) : prepareInput(input, loaded.inputs, { host, preprocessing });

  const explain = async (
    input: ExplainInput | PreparedInput,
    { method = DEFAULT_METHOD, ...request }: ExplainOptions = {},
  ): Promise<Attribution> => {
    throwIfAborted(request.signal);
    const prepared = await prepare(input);
    const { feeds } = prepared;
    const neuron = request.neuron;
    // The graph says how it holds the layer.
    if (neuron !== undefined) loaded.structure(feeds);
    const chosen = request.exact === true ? (backend.precise?.() ?? loaded) : loaded;
    const computed = await attribute(chosen, method, {
      ...(maxBytes !== undefined && { maxBytes }),
      ...request,
      ...(neuron !== undefined && { neuron: layout.neuron(neuron, request.layer) }),
      inputs: feeds,
    });
    const result = layout.result(computed, (tensor) => loaded.structure(feeds).tensor(tensor)?.shape);
    const warnings = [...warningsOf(file.source), ...prepared.warnings, ...(backend.warnings?.() ?? [])];
    return warnings.length === 0 ? result : { ...result, warnings: [...warnings, ...result.warnings] };
  };

  return Object.assign(explain, {
    async predict(
      input: ExplainInput | PreparedInput,
      {
        output,
        top = 5,
        signal,
      }: { readonly output?: string; readonly top?: number; readonly signal?: AbortSignal } = {},
    ): Promise<Prediction> {
      const { feeds } = await prepare(input);
      checkAllGiven(loaded.inputs, feeds);
      const outputs = await loaded.forward(feeds, undefined, { signal });
      const explained = outputs[output ?? loaded.outputs[0]?.name ?? ''];
      return { outputs, top: explained === undefined ? null : rankClasses(explained, labels, top) };
    },
    prepare,
    supports: (method: string): Support => supportOf(loaded, methodById(method)),
    inputs: loaded.inputs,
    outputs: loaded.outputs,
    labels,
    model: loaded,
    file,
    dispose: (): void => backend.dispose(),
  });
}

function isPrepared(input: ExplainInput | PreparedInput): input is PreparedInput {
  return typeof input === 'object' && input !== null && 'feeds' in input && 'featureNames' in input;
}

function checkAllGiven(inputs: readonly InputInfo[], feeds: Readonly<Record<string, unknown>>): void {
  const missing = inputs.filter(({ name }) => feeds[name] === undefined).map(({ name }) => name);
  if (missing.length > 0) {
    throw new PathwiseError('BAD_ARGUMENT', `the model also needs the inputs ${missing.join(', ')}`);
  }
}
