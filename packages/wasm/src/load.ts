import { PathwiseError } from '@pathwise/model';
import { ownCore } from '#core';

/** Where the core may come from. Hosts that forbid compiling from bytes give a module. */
export type CoreSource = WebAssembly.Module | BytesSource;

type BytesSource = BufferSource | Response | URL | string;

/** Loads a module once; a failure is not kept, so that the next call may try another source. */
class Loading {
  readonly #own: () => CoreSource;
  #attempt: Promise<WebAssembly.Module> | undefined;

  constructor(own: () => CoreSource) {
    this.#own = own;
  }

  load(source?: CoreSource | Promise<CoreSource>): Promise<WebAssembly.Module> {
    if (source !== undefined) this.#attempt = compiled(source);
    const attempt = (this.#attempt ??= compiled(this.#own()));
    attempt.catch(() => {
      if (this.#attempt === attempt) this.#attempt = undefined;
    });
    return attempt;
  }
}

const plain = new Loading(ownCore);
const relaxed = new Loading(() => new URL('../wasm/core-relaxed.wasm', import.meta.url));

/**
 * Loads the core, once: from `source`, or else the core.wasm of this package. Engines load it by themselves; call this
 * first where the file lies elsewhere or where only a ready module may be used.
 * @throws PathwiseError ENGINE_UNAVAILABLE if it cannot be read or compiled.
 */
export function loadCore(source?: CoreSource | Promise<CoreSource>): Promise<WebAssembly.Module> {
  return plain.load(source);
}

/**
 * As {@link loadCore}, for the build with relaxed SIMD (core-relaxed.wasm).
 * @throws PathwiseError ENGINE_UNAVAILABLE also where the host has no relaxed SIMD.
 */
export async function loadRelaxedCore(source?: CoreSource | Promise<CoreSource>): Promise<WebAssembly.Module> {
  if (WebAssembly.validate(RELAXED_PROBE)) return relaxed.load(source);
  throw new PathwiseError(
    'ENGINE_UNAVAILABLE',
    'wasm: this host has no relaxed SIMD (Node has it from version 22 on). Use the engine without { relaxed: true }',
  );
}

/** A module with one function that multiplies and adds by f32x4.relaxed_madd. */
const RELAXED_PROBE = Uint8Array.from(
  // Header; types: [] -> [v128]; one function of it; its code.
  [
    [0, 97, 115, 109, 1, 0, 0, 0],
    [1, 5, 1, 96, 0, 1, 123],
    [3, 2, 1, 0],
    [10, 19, 1, 17, 0, 65, 0, 253, 17, 65, 0, 253, 17, 65, 0, 253, 17, 253, 133, 2, 11],
  ].flat(),
);

/** Apart from `new URL`, which bundlers would take for the name of a file. */
const here: string = import.meta.url;

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
    const url = source instanceof URL ? source : new URL(source, here);
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
  const module = (await import(/* @vite-ignore */ /* webpackIgnore: true */ files)) as {
    readFile(url: URL): Promise<Uint8Array<ArrayBuffer>>;
  };
  return module.readFile(url);
}
