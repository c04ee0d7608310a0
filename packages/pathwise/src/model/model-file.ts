import { fileError, PathwiseError } from '@pathwise/model';
import type { Graph, GraphSource } from '@pathwise/graph';
import { externalLocations, readOnnx } from '@pathwise/onnx';
import type { Host } from '../host/host.ts';

/** A model: the path or URL of an .onnx file, its bytes, or a graph built by hand. */
export type ModelInput = string | URL | Uint8Array | ArrayBuffer | Graph | GraphSource;

/** A model that was read, with the name it goes by in reports. */
export interface LoadedModel {
  readonly name: string;
  readonly source: Graph | GraphSource;
  /** Size of the file; null for graphs. */
  readonly bytes: number | null;
}

/**
 * Reads a model.
 * @throws PathwiseError BAD_FILE, LIMIT_EXCEEDED, UNSUPPORTED_OP naming the node
 */
export async function loadModel(model: ModelInput, host: Host): Promise<LoadedModel> {
  if (typeof model === 'string' || model instanceof URL) return loadFile(String(model), host);
  if (model instanceof Uint8Array || model instanceof ArrayBuffer) {
    const bytes = model instanceof Uint8Array ? model : new Uint8Array(model);
    return { name: 'model', source: readOnnx(bytes, { name: 'model' }), bytes: bytes.length };
  }
  return { name: model.name, source: model, bytes: null };
}

async function loadFile(path: string, host: Host): Promise<LoadedModel> {
  if (/\.json$/i.test(path)) {
    throw new PathwiseError(
      'ENGINE_UNAVAILABLE',
      `${path}: TensorFlow.js models are not part of this version of Pathwise. Convert the model to ONNX (tf2onnx)`,
      { file: path },
    );
  }
  if (/\.plan$/i.test(path)) throw fileError(path, 'a compiled plan cannot be explained; give the .onnx file');
  const bytes = await host.readFile(path);
  const name = /[^/\\]*$/.exec(path)?.[0] ?? path;
  const folder = path.slice(0, path.length - name.length);
  const beside = new Map<string, Uint8Array>();
  for (const location of externalLocations(bytes, { label: name })) {
    beside.set(location, await host.readFile(folder + location));
  }
  const source = readOnnx(bytes, { name, externalData: (location) => beside.get(location) as Uint8Array });
  return { name, source, bytes: bytes.length };
}
