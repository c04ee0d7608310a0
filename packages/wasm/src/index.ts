export { compile, type CompiledPlan, type CompileOptions } from './compile/compile.ts';
export { createWasmEngine, wasmEngine, type WasmEngineOptions } from './engine.ts';
export { loadCore, loadRelaxedCore, type CoreSource } from './load.ts';
