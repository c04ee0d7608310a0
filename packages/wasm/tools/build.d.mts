/** Compiles one C file of a folder, which may include the others and `files`, to a module with the given exports. */
export function compileModule(
  folder: string,
  main: string,
  exports: readonly string[],
  options?: { readonly files?: Readonly<Record<string, string | Uint8Array>>; readonly relaxed?: boolean },
): Promise<Uint8Array<ArrayBuffer>>;
/** The bytes of the core, compiled anew. A test may put a source of its own around it, which includes core.c. */
export function buildCore(build?: {
  readonly main?: string;
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  readonly exports?: readonly string[];
  readonly relaxed?: boolean;
}): Promise<Uint8Array<ArrayBuffer>>;
/** Writes the builds of the core into wasm/, but for those that are newer than all sources. */
export function ensureCore(): Promise<void>;
