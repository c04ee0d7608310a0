import type { Engine } from '@pathwise/graph';
import { findBlockers } from './compile/compile.ts';
import { Core } from './core.ts';
import { WasmExecutable } from './executable.ts';
import { loadCore, loadRelaxedCore } from './load.ts';
import { prefersWideBlocks } from './wide-blocks.ts';

export interface WasmEngineOptions {
  /**
   * Multiplications and additions may be fused (relaxed SIMD): faster on some hosts, but the last bits of results then
   * depend on the host. Node has it from version 22 on.
   */
  readonly relaxed?: boolean;
}

/**
 * An engine that runs graphs in WebAssembly, in float32, eight rows at a time. `maxBytes` bounds the core's memory: plan
 * with weights, tensors of a tile, rows going in and out. Loading a graph throws ENGINE_UNAVAILABLE where the host lacks
 * what is asked for.
 */
export function createWasmEngine({ relaxed = false }: WasmEngineOptions = {}): Engine {
  return {
    id: relaxed ? 'wasm-relaxed' : 'wasm',
    // float32 in reused memory, masks as bits: SqueezeNet's tile of 8 rows takes 0.63 bytes an element and row.
    bytesPerElement: 2,
    supports(graph) {
      const missing = findBlockers(graph);
      return missing.length === 0 ? { ok: true } : { ok: false, missing };
    },
    async load(graph, { maxBytes, workers = 1 } = {}) {
      const module = await (relaxed ? loadRelaxedCore() : loadCore());
      const compiling = { wideBlocks: relaxed && prefersWideBlocks() };
      return new WasmExecutable(graph, { core: new Core(module, maxBytes), module, compiling, maxBytes, workers });
    },
  };
}

/** The engine that gives the same bits on every host: SIMD128 without fused multiply-add. */
export const wasmEngine: Engine = createWasmEngine();
