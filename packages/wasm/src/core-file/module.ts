// Hosts that forbid compiling from bytes (workerd) give a module for the import of a .wasm file.
// @ts-ignore: TypeScript knows no such module.
import module from '#core.wasm';

/** The module that the host compiled. */
export function ownCore(): WebAssembly.Module {
  return module as WebAssembly.Module;
}
