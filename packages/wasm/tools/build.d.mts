/** The bytes of the core, compiled anew. */
export function buildCore(): Promise<Uint8Array<ArrayBuffer>>;
/** Writes wasm/core.wasm unless it is newer than all sources. */
export function ensureCore(): Promise<void>;
