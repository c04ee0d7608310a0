import { fileError } from '@pathwise/model';

/**
 * Where model.json and its weight files come from. Paths are relative to the folder of model.json and have been
 * checked: no `..`, no scheme, not absolute.
 */
export interface FileSource {
  /** Path of model.json; default `model.json`. */
  readonly model?: string;
  /** Bytes of a file; throws when there is none. May throw, instead of reading on, above `maxBytes`. */
  read(path: string, maxBytes: number): Promise<Uint8Array>;
}

/** Files already in memory, by path relative to model.json. */
export function filesInMemory(files: Readonly<Record<string, Uint8Array | ArrayBuffer>>): FileSource {
  const byPath = new Map(Object.entries(files));
  return {
    read: (path) => {
      const bytes = byPath.get(path);
      if (bytes === undefined) return Promise.reject(missing(path, [...byPath.keys()]));
      return Promise.resolve(bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes));
    },
  };
}

/** What of the browser's `File` is used. */
export interface FileObject {
  readonly name: string;
  /** Set for files of a dropped or chosen folder: starts with the folder's name. */
  readonly webkitRelativePath?: string;
  arrayBuffer(): Promise<ArrayBuffer>;
}

/**
 * `File` objects of a file input or a drop: model.json and its weight files, in any order. A weight file is found by
 * its path under the folder of model.json, or by its bare name when the files came without folders.
 * @throws PathwiseError BAD_FILE when there is no file `model`
 */
export function fileObjects(files: Iterable<FileObject>, model = 'model.json'): FileSource {
  const all = [...files];
  const pathOf = (file: FileObject): string =>
    file.webkitRelativePath === undefined || file.webkitRelativePath === '' ? file.name : file.webkitRelativePath;
  const top = all.find((file) => pathOf(file) === model || pathOf(file).endsWith(`/${model}`));
  if (top === undefined) throw missing(model, all.map(pathOf));
  const folder = pathOf(top).slice(0, pathOf(top).length - model.length);
  return {
    model,
    async read(path) {
      const bare = path.slice(path.lastIndexOf('/') + 1);
      const found =
        all.find((file) => pathOf(file) === folder + path) ??
        all.find((file) => pathOf(file) === bare && !pathOf(file).includes('/'));
      if (found === undefined) throw missing(path, all.map(pathOf));
      return new Uint8Array(await found.arrayBuffer());
    },
  };
}

/**
 * Files behind a URL: the weight files are fetched from the folder of model.json, with its query string.
 * @param url - address of model.json, whatever its name is
 */
export function fetchedFiles(url: string | URL): FileSource {
  const model = new URL(url);
  const folder = new URL('.', model).href;
  return {
    model: model.pathname.slice(model.pathname.lastIndexOf('/') + 1),
    async read(path, maxBytes) {
      const at = new URL(path.replaceAll('?', '%3F').replaceAll('#', '%23'), model);
      if (!at.href.startsWith(folder)) throw fileError(path, `lies outside ${folder}`);
      at.search = model.search;
      let response: Response;
      try {
        response = await fetch(at);
      } catch (cause) {
        throw fileError(at.href, `cannot be fetched (${cause instanceof Error ? cause.message : String(cause)})`);
      }
      if (!response.ok) throw fileError(at.href, `cannot be fetched (status ${response.status})`);
      return bodyOf(response, maxBytes);
    },
  };
}

async function bodyOf(response: Response, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (const reader = response.body?.getReader(); reader !== undefined;) {
    const { value } = await reader.read();
    if (value === undefined) break;
    chunks.push(value);
    length += value.length;
    if (length > maxBytes) {
      await reader.cancel();
      throw fileError(response.url, `is longer than the ${maxBytes} bytes that are left to read`);
    }
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

function missing(path: string, given: readonly string[]): Error {
  return fileError(path, 'is missing', {}, `Files given: ${given.join(', ') || 'none'}`);
}
