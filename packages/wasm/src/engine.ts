import type { Engine } from '@pathwise/graph';
import { findBlockers } from './compile/compile.ts';
import { Core } from './core.ts';
import { WasmExecutable } from './executable.ts';
import { loadCore } from './load.ts';

/**
 * Runs graphs in WebAssembly, in float32, eight rows at a time. The same bits on every host: SIMD128 without fused
 * multiply-add. `maxBytes` bounds the core's memory: plan with weights, tensors of a tile, rows going in and out.
 */
export const wasmEngine: Engine = {
  id: 'wasm',
  // float32 in reused memory, masks as bits: SqueezeNet's tile of 8 rows takes 0.63 bytes an element and row.
  bytesPerElement: 2,
  supports(graph) {
    const missing = findBlockers(graph);
    return missing.length === 0 ? { ok: true } : { ok: false, missing };
  },
  async load(graph, { maxBytes, workers = 1 } = {}) {
    const module = await loadCore();
    return new WasmExecutable(graph, { core: new Core(module, maxBytes), module, maxBytes, workers });
  },
};
