/** Compiles one C file, of a folder or of `files`, to a module with the given exports; it may include the others. */
export function compileModule(
  folder: string,
  main: string,
  exports: readonly string[],
  files?: Readonly<Record<string, string | Uint8Array>>,
): Promise<Uint8Array<ArrayBuffer>>;
/** The bytes of the core, compiled anew; `main` names a source among `files` that includes core.c, with more to export. */
export function buildCore(around?: {
  readonly main?: string;
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  readonly exports?: readonly string[];
}): Promise<Uint8Array<ArrayBuffer>>;
/** Writes wasm/core.wasm unless it is newer than all sources. */
export function ensureCore(): Promise<void>;
