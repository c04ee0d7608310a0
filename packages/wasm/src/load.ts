import { PathwiseError } from '@pathwise/model';
import { ownCore } from '#core';

/** Where the core may come from. Hosts that forbid compiling from bytes give a module. */
export type CoreSource = WebAssembly.Module | BytesSource;

type BytesSource = BufferSource | Response | URL | string;

let loading: Promise<WebAssembly.Module> | undefined;

/**
 * Loads the core, once: from `source`, or else the core.wasm of this package. Engines load it by themselves; call this
 * first where the file lies elsewhere or where only a ready module may be used.
 * @throws PathwiseError ENGINE_UNAVAILABLE if it cannot be read or compiled.
 */
export function loadCore(source?: CoreSource | Promise<CoreSource>): Promise<WebAssembly.Module> {
  if (source !== undefined) loading = compiled(source);
  loading ??= compiled(ownCore());
  const attempt = loading;
  // A failure is not kept: the next call may try another source.
  attempt.catch(() => {
    if (loading === attempt) loading = undefined;
  });
  return attempt;
}

async function compiled(source: CoreSource | Promise<CoreSource>): Promise<WebAssembly.Module> {
  try {
    const given = await source;
    if (given instanceof WebAssembly.Module) return given;
    return await compileSource(given as BytesSource);
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    throw new PathwiseError(
      'ENGINE_UNAVAILABLE',
      `wasm: the core could not be loaded (${cause}). Build the package, or give loadCore() a WebAssembly.Module`,
      {},
      { cause: error },
    );
  }
}

async function compileSource(source: BytesSource): Promise<WebAssembly.Module> {
  if (source instanceof ArrayBuffer || ArrayBuffer.isView(source)) return WebAssembly.compile(source);
  if (typeof source === 'string' || source instanceof URL) {
    const url = new URL(source, import.meta.url);
    return url.protocol === 'file:' ? WebAssembly.compile(await readFile(url)) : compileResponse(await fetch(url));
  }
  return compileResponse(source as Response);
}

/** While it arrives, where the server says that it is WebAssembly; otherwise from the bytes. */
async function compileResponse(response: Response): Promise<WebAssembly.Module> {
  if (!response.ok) throw new Error(`status ${response.status} for ${response.url}`);
  const streams = typeof WebAssembly.compileStreaming === 'function';
  return streams && response.headers.get('content-type') === 'application/wasm'
    ? WebAssembly.compileStreaming(response)
    : WebAssembly.compile(await response.arrayBuffer());
}

async function readFile(url: URL): Promise<BufferSource> {
  // Kept from bundlers for browsers, which know no such module.
  const files = 'node:fs/promises';
  const module = (await import(/* @vite-ignore */ files)) as {
    readFile(url: URL): Promise<Uint8Array<ArrayBuffer>>;
  };
  return module.readFile(url);
}
