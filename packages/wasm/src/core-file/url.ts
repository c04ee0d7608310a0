/** Beside the package: Node, Deno and Bun read it, browsers fetch it. Bundlers know files by exactly this expression. */
export function ownCore(): URL {
  return new URL('../../wasm/core.wasm', import.meta.url);
}
