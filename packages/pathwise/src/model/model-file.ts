import { argumentError, fileError, type Warning } from '@pathwise/model';
import type { Graph, GraphSource } from '@pathwise/graph';
import { externalLocations, readOnnx } from '@pathwise/onnx';
import type { FileObject, TfjsModel } from '@pathwise/tfjs';
import type { Host } from '../host/host.ts';

/**
 * A model: the path or URL of an .onnx file or of a TensorFlow.js model.json; the bytes of an .onnx file; the `File`
 * objects of a model.json and its weights; a model that TensorFlow.js has loaded; or a graph built by hand.
 */
export type ModelInput =
  | string
  | URL
  | Uint8Array
  | ArrayBuffer
  | readonly FileObject[]
  | TfjsModel
  | Graph
  | GraphSource;

/** A model that was read, with the name it goes by in reports. */
export interface LoadedModel {
  readonly name: string;
  readonly source: Graph | GraphSource;
  /** Size of the files; null for graphs. */
  readonly bytes: number | null;
}

/**
 * Reads a model.
 * @throws PathwiseError BAD_FILE, LIMIT_EXCEEDED, UNSUPPORTED_OP naming the node, BAD_ARGUMENT for anything else
 */
export async function loadModel(model: ModelInput, host: Host): Promise<LoadedModel> {
  if (typeof model === 'string' || model instanceof URL) return loadFile(String(model), host);
  if (model instanceof Uint8Array || model instanceof ArrayBuffer) {
    return loadBytes(model instanceof Uint8Array ? model : new Uint8Array(model));
  }
  if (Array.isArray(model)) return loadTfjs(model as readonly FileObject[], {});
  if (typeof model !== 'object' || model === null) {
    throw argumentError('explainer', 'the model', 'a path, bytes, files, a graph or a model of TensorFlow.js', model);
  }
  if (isGraph(model)) return { name: model.name, source: model, bytes: null };
  return loadTfjs(model as TfjsModel, {});
}

function isGraph(model: object): model is Graph | GraphSource {
  return 'nodes' in model || ('graph' in model && typeof model.graph === 'function');
}

function loadBytes(bytes: Uint8Array): LoadedModel {
  if (bytes[0] === '{'.charCodeAt(0)) {
    throw fileError(
      'model',
      'looks like a model.json, whose weights are in other files',
      {},
      'Give its path, or all files',
    );
  }
  return { name: 'model', source: readOnnx(bytes, { name: 'model' }), bytes: bytes.length };
}

async function loadFile(path: string, host: Host): Promise<LoadedModel> {
  // What follows in a URL is no part of its name.
  const [bare = ''] = /^https?:/i.test(path) ? path.split(/[?#]/) : [path];
  const name = /[^/\\]*$/.exec(bare)?.[0] ?? bare;
  const folder = bare.slice(0, bare.length - name.length);
  const query = path.slice(bare.length);
  if (/\.json$/i.test(name)) {
    const files: TfjsModel = {
      read: (file, maxBytes) => host.readFile(folder + file + query, maxBytes),
    };
    const around = /[^/\\]+[/\\]$/.exec(folder)?.[0] ?? '';
    return loadTfjs(files, { path: name, name: around + name });
  }
  if (/\.plan$/i.test(name)) throw fileError(path, 'a compiled plan cannot be explained; give the .onnx file');
  const bytes = await host.readFile(path);
  const beside = new Map<string, Uint8Array>();
  for (const location of externalLocations(bytes, { label: name })) {
    beside.set(location, await host.readFile(folder + location + query));
  }
  const source = readOnnx(bytes, { name, externalData: (location) => beside.get(location) as Uint8Array });
  return { name, source, bytes: bytes.length };
}

/** The importer is loaded when it is needed: a page that shows ONNX models does not pay for it. */
async function loadTfjs(
  model: TfjsModel | readonly FileObject[],
  options: { path?: string; name?: string },
): Promise<LoadedModel> {
  const { fileObjects, readTfjs } = await import('@pathwise/tfjs');
  const source = await readTfjs(
    Array.isArray(model) ? fileObjects(model as readonly FileObject[]) : (model as TfjsModel),
    options,
  );
  return { name: source.name, source, bytes: source.bytes };
}

/** What the reader of the model has to say of it. */
export function warningsOf(source: Graph | GraphSource): readonly Warning[] {
  return 'warnings' in source && Array.isArray(source.warnings) ? (source.warnings as readonly Warning[]) : [];
}
