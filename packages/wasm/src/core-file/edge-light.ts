// The edge runtime of Vercel gives a module for this form of the import.
// @ts-ignore: TypeScript knows no such module.
import module from '../../wasm/core.wasm?module';

/** The module that the host compiled. */
export function ownCore(): WebAssembly.Module {
  return module as WebAssembly.Module;
}
