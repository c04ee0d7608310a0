/** The bytes of the core, compiled anew; `main` names a source among `files` that includes core.c, with more to export. */
export function buildCore(around?: {
  readonly main?: string;
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  readonly exports?: readonly string[];
}): Promise<Uint8Array<ArrayBuffer>>;
/** Writes wasm/core.wasm unless it is newer than all sources. */
export function ensureCore(): Promise<void>;
