import { fileError, PathwiseError, type Tensor } from '@pathwise/model';
import { defaultLimits, type OnnxLimits } from '../limits.ts';
import type { ExternalDataReader } from '../tensor/external-data.ts';
import type { TensorContext } from '../tensor/read-tensor.ts';
import { Decoder } from '../wire/decode.ts';
import { modelType, type FunctionProto, type GraphProto, type TensorProto } from '../wire/messages.ts';
import { checkFunctionNames, checkGraphNames } from './check-names.ts';
import { opsetVersions } from './opsets.ts';

/** A decoded and checked file. Tensor data stay in it until a graph needs them. */
export interface OnnxModel {
  /** Name for messages. */
  readonly label: string;
  readonly file: Uint8Array;
  readonly limits: OnnxLimits;
  readonly context: TensorContext;
  readonly graph: GraphProto;
  readonly functions: ReadonlyMap<string, FunctionProto>;
  readonly opsets: ReadonlyMap<string, number>;
  /** Names of the tensors of the main graph. */
  readonly names: ReadonlySet<string>;
  /** Tensors that have been read. */
  readonly tensors: Map<TensorProto, Tensor>;
}

export interface LoadModelOptions {
  readonly label?: string | undefined;
  readonly limits?: Partial<OnnxLimits> | undefined;
  readonly externalData?: ExternalDataReader | undefined;
}

/**
 * Decodes a file and checks its names.
 * @throws PathwiseError BAD_FILE with byte offset or names, LIMIT_EXCEEDED, UNSUPPORTED_OP for a newer operator set
 */
export function loadModel(bytes: Uint8Array, options: LoadModelOptions = {}): OnnxModel {
  // Node's Buffer is a Uint8Array whose methods mean something else.
  const file = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const label = options.label ?? 'model.onnx';
  const limits = { ...defaultLimits, ...options.limits };
  const proto = new Decoder(file, label, limits).decode(modelType);
  return inFile(label, () => {
    const { graph, irVersion = 0 } = proto;
    if (graph === undefined) throw fileError(label, 'holds no graph', {}, 'Is it an ONNX model?');
    if (graph.outputs.length === 0) throw fileError(label, 'its graph has no outputs');
    const [sparse] = graph.sparseInitializers;
    if (sparse !== undefined) {
      const name = sparse.values?.name ?? '';
      throw new PathwiseError('UNSUPPORTED_OP', `tensor "${name}" is sparse; only dense initializers are supported`, {
        tensor: name,
      });
    }
    const opsets = opsetVersions(proto.opsetImports);
    // Before IR version 3 files named no operator set: it was version 1.
    if (opsets.size === 0 && irVersion < 3) opsets.set('', 1);
    checkGraphNames(graph);
    const functions = new Map<string, FunctionProto>();
    for (const fn of proto.functions) {
      const key = functionKey(fn.domain ?? '', fn.name ?? '', fn.overload ?? '');
      if (functions.has(key))
        throw new PathwiseError('BAD_FILE', `function ${fn.name ?? ''} is defined twice`, { offset: fn.start });
      checkFunctionNames(fn);
      functions.set(key, fn);
    }
    const context: TensorContext = { file, limits, externalData: options.externalData };
    return { label, file, limits, context, graph, functions, opsets, names: namesOf(graph), tensors: new Map() };
  });
}

/** Functions are found by domain, name and overload. */
export function functionKey(domain: string, name: string, overload: string): string {
  return `${domain === 'ai.onnx' ? '' : domain}\n${name}\n${overload}`;
}

/** Adds the file to errors. */
export function inFile<T>(label: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof PathwiseError) || error.place.file !== undefined) throw error;
    const at =
      error.place.node === undefined && error.place.offset !== undefined ? ` (at offset ${error.place.offset})` : '';
    throw new PathwiseError(
      error.code,
      `${label}: ${error.message}${at}`,
      { file: label, ...error.place },
      { cause: error },
    );
  }
}

function namesOf(graph: GraphProto): Set<string> {
  const names = new Set<string>();
  for (const { name = '' } of graph.inputs) names.add(name);
  for (const { name = '' } of graph.initializers) names.add(name);
  for (const node of graph.nodes) for (const output of node.outputs) names.add(output);
  return names;
}
