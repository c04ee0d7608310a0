import { PathwiseError } from '@pathwise/model';

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
  loading ??= compiled(new URL('../wasm/core.wasm', import.meta.url));
  const attempt = loading;
  // A failure is not kept: the next call may try another source.
  attempt.catch(() => {
    if (loading === attempt) loading = undefined;
  });
  return attempt;
}

async function compiled(source: CoreSource | Promise<CoreSource>): Promise<WebAssembly.Module> {
  const given = await source;
  if (given instanceof WebAssembly.Module) return given;
  try {
    return await WebAssembly.compile(await bytesOf(given as BytesSource));
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

async function bytesOf(source: BytesSource): Promise<BufferSource> {
  if (source instanceof ArrayBuffer || ArrayBuffer.isView(source)) return source;
  if (typeof source === 'string' || source instanceof URL) return fetched(new URL(source, import.meta.url));
  return (source as Response).arrayBuffer();
}

async function fetched(url: URL): Promise<BufferSource> {
  if (url.protocol !== 'file:') return (await fetch(url)).arrayBuffer();
  // Kept from bundlers for browsers, which know no such module.
  const files = 'node:fs/promises';
  const { readFile } = (await import(/* @vite-ignore */ files)) as {
    readFile(url: URL): Promise<Uint8Array<ArrayBuffer>>;
  };
  return readFile(url);
}
