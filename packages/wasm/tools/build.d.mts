/** Compiles one C file of a folder, which may include the others, to a module with the given exports. */
export function compileModule(
  folder: string,
  file: string,
  exports: readonly string[],
): Promise<Uint8Array<ArrayBuffer>>;
/** The bytes of the core, compiled anew. */
export function buildCore(): Promise<Uint8Array<ArrayBuffer>>;
/** Writes wasm/core.wasm unless it is newer than all sources. */
export function ensureCore(): Promise<void>;
